/** A tab of the title bar that is dragged into an area. */
const TYPE = 'application/x-holdfast-session';

export function startSessionDrag(event: DragEvent, sessionId: string): void {
  if (!event.dataTransfer) return;
  event.dataTransfer.setData(TYPE, sessionId);
  event.dataTransfer.effectAllowed = 'move';
}

/** What it carries can be read only when it is dropped. */
export function isSessionDrag(event: Event): boolean {
  return (event as DragEvent).dataTransfer?.types.includes(TYPE) ?? false;
}

export function draggedSession(event: Event): string | null {
  return (event as DragEvent).dataTransfer?.getData(TYPE) || null;
}
