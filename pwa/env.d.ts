/** What the build provides and TypeScript alone does not know: constants written in, and components as modules. */
declare const __APP_VERSION__: string;

declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent;
  export default component;
}
