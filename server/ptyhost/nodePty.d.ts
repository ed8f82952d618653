/** The part of node-pty's API that is used here; the prebuilt package declares its types under another module name. */
declare module 'node-pty' {
  export interface IPty {
    readonly pid: number;
    resize(cols: number, rows: number): void;
    pause(): void;
    resume(): void;
    onData(listener: (data: string) => void): void;
    onExit(listener: (event: { exitCode: number; signal?: number }) => void): void;
  }
  export interface IPtyForkOptions {
    name: string;
    cols: number;
    rows: number;
    cwd: string;
    env: Record<string, string>;
    encoding: null;
  }
  export function spawn(file: string, args: string[], options: IPtyForkOptions): IPty;
}
