// Where the user is: the path and query of the address, which can be shared and gone back to.

class Route {
  path = $state(location.pathname);
  query = $state(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.read());
  }

  go(to: string): void {
    history.pushState(null, '', to);
    this.read();
    scrollTo(0, 0);
  }

  // The same page, shown in another way: going back does not step through it.
  show(query: URLSearchParams): void {
    const text = query.toString();
    history.replaceState(null, '', text ? `${this.path}?${text}` : this.path);
    this.query = query;
  }

  // The decoded parts: /devices/roof%20meter gives ["devices", "roof meter"].
  get parts(): string[] {
    return this.path.split('/').filter(Boolean).map(decodeURIComponent);
  }

  private read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

export const route = new Route();

export const deviceLink = (name: string): string => `/devices/${encodeURIComponent(name)}`;

export const historyLink = (...points: string[]): string =>
  `/history?${new URLSearchParams(points.map((point) => ['point', point])).toString()}`;

// Takes clicks on links of our own; those with a modifier are the browser's.
export function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest?.('a');
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || link.hasAttribute('download') || link.target) return;
  event.preventDefault();
  route.go(link.pathname + link.search);
}
