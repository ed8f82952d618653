/** Reads what the files of a tree import and where they read the environment. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export interface Import {
  /** As written: `../base/log.ts`, `zod`, `node:fs`. */
  specifier: string;
  /** Path from the root for one of our own files, else null. */
  target: string | null;
  line: number;
}

export interface Source {
  /** Path from the root, with slashes. */
  path: string;
  imports: Import[];
  /** Lines that read process.env. */
  environmentLines: number[];
}

const FOLDERS = ['protocol', 'client', 'db', 'server', 'pwa', 'scripts'];

/** Every TypeScript and Vue file of ours under `root`. */
export function readSources(root: string): Source[] {
  const atRoot = readdirSync(root).filter((name) => name.endsWith('.ts'));
  const inFolders = FOLDERS.filter((name) => existsSync(join(root, name))).flatMap((name) => filesUnder(root, name));
  return [...atRoot, ...inFolders].map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

export function parseSource(path: string, text: string): Source {
  const source: Source = { path, imports: [], environmentLines: [] };
  const code = path.endsWith('.vue') ? scriptsOf(text) : text;
  const tree = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const lineOf = (node: ts.Node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const visit = (node: ts.Node): void => {
    const specifier = importedBy(node);
    if (specifier !== null) source.imports.push({ specifier, target: targetOf(path, specifier), line: lineOf(node) });
    if (readsEnvironment(node)) source.environmentLines.push(lineOf(node));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return source;
}

function filesUnder(root: string, name: string): string[] {
  if (!statSync(join(root, name)).isDirectory()) return /\.(ts|vue)$/.test(name) ? [name] : [];
  return readdirSync(join(root, name))
    .filter((child) => child !== 'node_modules' && child !== 'dist')
    .flatMap((child) => filesUnder(root, `${name}/${child}`));
}

/** The contents of the script blocks; everything else becomes empty lines, so that line numbers stay true. */
function scriptsOf(text: string): string {
  const blocks = /(<script\b[^>]*>)([\s\S]*?)(<\/script>)/g;
  let code = '';
  let end = 0;
  for (const match of text.matchAll(blocks)) {
    const start = match.index + match[1]!.length;
    code += blank(text.slice(end, start)) + match[2]!;
    end = start + match[2]!.length;
  }
  return code;
}

const blank = (text: string) => text.replace(/[^\n]/g, '');

/** `import … from`, `export … from`, `import(…)`, `import type`, `import('…').Type`, and null for anything else. */
function importedBy(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : null;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return textOf(node.arguments[0]);
  return null;
}

function textOf(node: ts.Node | undefined): string | null {
  return node && ts.isStringLiteralLike(node) ? node.text : null;
}

/** Files are imported with their endings; anything that is not relative is a package. */
function targetOf(from: string, specifier: string): string | null {
  const [path] = specifier.split('?');
  return path!.startsWith('.') ? posix.join(posix.dirname(from), path!) : null;
}

/** `process.env`, `process['env']`, `const { env } = process`, `import { env } from 'node:process'`. */
function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return isProcess(node.expression) && node.name.text === 'env';
  if (ts.isElementAccessExpression(node))
    return isProcess(node.expression) && textOf(node.argumentExpression) === 'env';
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
    return (
      Boolean(node.initializer && isProcess(node.initializer)) &&
      node.name.elements.some((part) => nameOf(part) === 'env')
    );
  }
  return ts.isImportDeclaration(node) && /^(node:)?process$/.test(textOf(node.moduleSpecifier) ?? '');
}

function isProcess(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node))
    return node.name.text === 'process' && node.expression.getText() === 'globalThis';
  return ts.isIdentifier(node) && node.text === 'process';
}

function nameOf(part: ts.BindingElement): string {
  return (part.propertyName ?? part.name).getText();
}
