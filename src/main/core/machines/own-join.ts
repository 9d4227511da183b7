/** The join of this machine's own worker, which lasts as long as the worker. */
export const ownJoin = 'this-machine';
