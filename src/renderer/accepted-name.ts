import { identifyingText } from '../shared/identifying-text';

/** Whether a name that is typed into a dialog can be taken; else what is accepted. */
export function acceptedName(text: string): true | string {
  const issue = identifyingText().safeParse(text).error?.issues[0];
  return issue === undefined || `Accepted: ${issue.message}.`;
}
