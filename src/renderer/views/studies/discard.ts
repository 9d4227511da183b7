import { useQuestions } from '../../stores/questions';

/** Asks before what was entered is given up. */
export const sureToDiscard = (): Promise<boolean> =>
  useQuestions().sure({
    title: 'Discard the draft?',
    text: 'What was entered is gone then. Studies that exist stay as they are.',
    yes: 'Discard',
    no: 'Keep',
    danger: true,
  });
