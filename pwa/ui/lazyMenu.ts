/** The menu's code, fetched after the first paint: until then its buttons are plain and remember a click. */
import { shallowRef } from 'vue';
import type { Component } from 'vue';

export const loadedMenu = shallowRef<Component>();
let pending: Promise<void> | undefined;

export function loadMenu(): Promise<void> {
  pending ??= import('./ActionMenu.vue').then((module) => {
    loadedMenu.value = module.default as Component;
  });
  return pending;
}
