/** Threads of an item, at most. */
export const mostThreads = 256;

/** How to go on with what another number began, as a clause that begins a sentence. */
export const setAgain = (threads: number): string =>
  `Set ${threads} again (Settings, Machines, Threads an item; in a command --threads ${threads}), start the application anew and go on`;
