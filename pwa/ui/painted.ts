/** Resolves once something was painted: what is heavy and not needed for it waits until then. */

/** A hidden page paints nothing, and must not wait for it. */
const AT_MOST_MS = 250;

export const painted = new Promise<void>((resolve) => {
  setTimeout(resolve, AT_MOST_MS);
  new PerformanceObserver((entries, observer) => {
    if (!entries.getEntriesByName('first-contentful-paint').length) return;
    observer.disconnect();
    resolve();
  }).observe({ type: 'paint', buffered: true });
});
