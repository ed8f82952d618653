/**
 * On Linux a middle click pastes what is selected, by the browser itself. A program that takes the mouse is given the click, and pastes
 * by it or not; with Shift the click is the window's, as everywhere. Returns how to stop.
 */
export function leaveMiddleClick(host: HTMLElement, takesMouse: () => boolean): () => void {
  const released = (event: MouseEvent) => {
    if (event.button === 1 && !event.shiftKey && takesMouse()) event.preventDefault();
  };
  host.addEventListener('mouseup', released, { capture: true });
  return () => host.removeEventListener('mouseup', released, { capture: true });
}
