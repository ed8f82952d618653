/** What the server said about a sign-in link when it sent the browser back here, taken out of the address once read. */
export function takeSignInResult(): string | null {
  const url = new URL(location.href);
  const result = url.searchParams.get('signIn');
  if (result !== null) {
    url.searchParams.delete('signIn');
    history.replaceState(history.state, '', url);
  }
  return result;
}
