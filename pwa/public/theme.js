// Stamps the theme (what was chosen, else what the system says) before anything is drawn; ui/theme.ts takes over from here.
{
  let chosen = null;
  let family = null;
  try {
    chosen = localStorage.getItem('holdfast.theme');
    family = localStorage.getItem('holdfast.family');
  } catch {
    // No storage: the system's theme it is.
  }
  const says = (query) => matchMedia(query).matches;
  const system = says('(prefers-color-scheme: light)') ? 'light' : 'dark';
  const mode = chosen === 'dark' || chosen === 'light' ? chosen : system;
  const isKnown = family === 'contrast' || family === 'lakehouse';
  const shown = isKnown ? family : says('(prefers-contrast: more), (forced-colors: active)') ? 'contrast' : null;
  document.documentElement.dataset.theme = shown ? `${shown}-${mode}` : mode;
}
