import { identifyingText } from '../shared/identifying-text';

/** What is accepted in place of a name that is typed; undefined where it can be taken. */
export function acceptedName(text: string): string | undefined {
  return identifyingText().safeParse(text).error?.issues[0]?.message;
}
