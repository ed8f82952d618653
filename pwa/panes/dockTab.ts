/** The tab of a session in its area: nothing in it but its name, because a list of tabs may hold nothing else. What closes it is for the pointer. */
import type { ITabRenderer } from 'dockview';

export function dockTab(close: () => void): ITabRenderer {
  const element = document.createElement('div');
  element.className = 'dock-tab';
  const name = document.createElement('span');
  name.className = 'dock-tab-name';
  const sign = document.createElement('span');
  sign.className = 'dock-tab-close';
  sign.ariaHidden = 'true';
  sign.title = 'Close tab (the session goes on)';
  element.append(name, sign);
  return {
    element,
    init({ title, api }) {
      name.textContent = title;
      api.onDidTitleChange((event) => (name.textContent = event.title));
      sign.addEventListener('pointerdown', (event) => event.stopPropagation()); // no drag, no change of the area
      sign.addEventListener('click', close);
      onMiddleClick(element, close);
    },
  };
}

/** And nothing else that the browser does by it: on Linux it pastes, on Windows it scrolls. */
function onMiddleClick(element: HTMLElement, act: () => void): void {
  for (const type of ['mousedown', 'mouseup', 'auxclick'] as const)
    element.addEventListener(type, (event) => {
      if (event.button !== 1) return;
      event.preventDefault();
      if (type === 'auxclick') act();
    });
}
