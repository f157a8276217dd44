// Whether the gateway still answers.

class Connection {
  lost = $state(false);
  // When something last came, by the clock of this browser (performance.now()).
  heard = $state(performance.now());

  came(): void {
    this.lost = false;
    this.heard = performance.now();
  }
}

export const connection = new Connection();
