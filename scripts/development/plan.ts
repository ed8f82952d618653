/** What a changed program means for what runs. */

export interface Plan {
  isRestarted: (instance: string) => boolean;
  /** Ends every session. */
  replacesHosts: boolean;
  sentence: string;
}

/** @param changed names of built programs, such as `backend.js` */
export function planOf(changed: string[]): Plan {
  const restartsFrontend = changed.includes('frontend.js');
  // A backend has the screens process as its child and starts it anew.
  const restartsBackends = changed.includes('backend.js') || changed.includes('screens.js');
  const replacesHosts = changed.includes('ptyHost.js');
  const restarted = [restartsFrontend ? 'the frontend' : '', restartsBackends ? 'the backends' : ''].filter(Boolean);
  const sentences = [
    restarted.length > 0 ? `${changed.join(', ')} changed: starting ${restarted.join(' and ')} again` : '',
    replacesHosts ? 'the pty host changed: all sessions end with the old ones' : '',
  ];
  return {
    isRestarted: (instance) => (instance === 'frontend' ? restartsFrontend : restartsBackends),
    replacesHosts,
    sentence: sentences.filter(Boolean).join('; '),
  };
}
