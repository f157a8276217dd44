// Whether somebody can see this page. One that nobody sees asks nothing, listens to nothing and counts no seconds.

class Visible {
  now = $state(!document.hidden);

  constructor() {
    document.addEventListener('visibilitychange', () => (this.now = !document.hidden));
  }
}

export const visible = new Visible();
