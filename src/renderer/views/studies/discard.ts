import { ElMessageBox } from 'element-plus';

/** Asks before what was entered is given up. */
export async function sureToDiscard(): Promise<boolean> {
  const answer = await ElMessageBox.confirm(
    'What was entered is gone then. Studies that exist stay as they are.',
    'Discard the draft?',
    { confirmButtonText: 'Discard', cancelButtonText: 'Keep', confirmButtonType: 'danger' },
  ).catch(() => null);
  return answer !== null;
}
