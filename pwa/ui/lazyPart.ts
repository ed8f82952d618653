/** A part of the window that is fetched when it is first wanted, and may not come. */
import { defineAsyncComponent } from 'vue';
import type { Component } from 'vue';

/** @param missed called when it cannot be had: nothing may wait for it any longer, and it covers nothing */
export function lazyPart<T extends Component>(loader: () => Promise<{ default: T }>, missed: () => void) {
  return defineAsyncComponent({
    loader,
    onError(_error, _retry, fail) {
      missed();
      fail();
    },
  });
}
