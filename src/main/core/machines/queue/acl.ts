/**
 * The least that a user of the queue needs, as rules of ACL SETUSER: keys and channels of one prefix,
 * no command that reaches beyond them.
 *
 * @param prefix `queuePrefix` of the data directory
 */
export const leastRights = (prefix: string): readonly string[] => [
  `~${prefix}:*`,
  'resetchannels',
  `&${prefix}:*`,
  '-@all',
  ...['read', 'write', 'stream', 'scripting', 'transaction', 'blocking'].map((of) => `+@${of}`),
  ...['connection', 'pubsub'].map((of) => `+@${of}`),
  '-@dangerous',
  '+info',
];

/** What a person types into the queue's own shell, with a password in the place of PASSWORD. */
export const setUserLine = (prefix: string, user: string): string =>
  `ACL SETUSER ${user} on >PASSWORD ${leastRights(prefix).join(' ')}`;
