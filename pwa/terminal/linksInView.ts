/** The links that stand on the screen of a terminal, for those who follow them without a pointer. */
import type { ILinkProvider, Terminal } from '@xterm/xterm';
import { linkOf, type Link } from './links.ts';

type Inside = { _core?: { _linkProviderService?: { linkProviders: readonly ILinkProvider[] } } };

/** Each target once, the lowest first; those that must not be followed are left out. */
export async function linksInView(terminal: Terminal): Promise<Link[]> {
  // Those that the pointer is told of. Nothing that is public has them, and the links that programs make (OSC 8), together.
  const providers = (terminal as unknown as Inside)._core?._linkProviderService?.linkProviders ?? [];
  const { viewportY } = terminal.buffer.active;
  const rows = Array.from({ length: terminal.rows }, (_, at) => viewportY + terminal.rows - at); // counted from 1
  const found = await Promise.all(rows.flatMap((row) => providers.map((provider) => urisOf(provider, row))));
  const links = found.flat().flatMap((uri) => linkOf(uri) ?? []);
  return [...new Map(links.map((link) => [link.target, link])).values()];
}

function urisOf(provider: ILinkProvider, row: number): Promise<string[]> {
  return new Promise((resolve) => {
    provider.provideLinks(row, (links) => resolve((links ?? []).map(({ text }) => text)));
  });
}
