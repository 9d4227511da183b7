export type Role = 'researcher' | 'annotator';

/** Who calls: whoever started the app, or the rater whose link was opened. */
export interface Who {
  readonly role: Role;
  /** The rater that an annotator's link was made for; null for researchers. */
  readonly rater: string | null;
}

export const researcher: Who = { role: 'researcher', rater: null };

/** Who calls, and from where: a newer exploration of one client replaces its older one. */
export interface Caller extends Who {
  readonly client: string;
}
