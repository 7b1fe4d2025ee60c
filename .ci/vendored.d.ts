// What the page uses of the modules that it has from others; the rest of them is not known here.

declare module "*/vendor/lit-html/lit-html.js" {
  export interface TemplateResult {
    readonly strings: TemplateStringsArray;
    readonly values: readonly unknown[];
  }
  export function html(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult;
  export function svg(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult;
  export function render(value: unknown, container: HTMLElement | DocumentFragment): unknown;
  export const nothing: unique symbol;
  export const noChange: unique symbol;
}

declare module "*/vendor/eventsource-parser/index.js" {
  export function createParser(callbacks: {
    onEvent(event: { id?: string; event?: string; data: string }): void;
  }): { feed(chunk: string): void };
}


declare module "*/vendor/highlight/core.min.js" {
  const highlighter: any;
  export default highlighter;
}
