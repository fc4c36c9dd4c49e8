// The parts of Preact that the page uses. Nodes are opaque.
export function h(type: unknown, props: object | null, ...children: unknown[]): any;
export function render(node: unknown, parent: Element): void;
