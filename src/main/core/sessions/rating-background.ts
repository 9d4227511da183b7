import { type BackgroundQuestion } from '../../../shared/ratings/rating-routes';
import { RatingRefusal } from './refusal';

/** Background questions are optional; what is answered must be one of them, and one of its choices. */
export function checkAnswers(
  questions: readonly BackgroundQuestion[],
  answers: Readonly<Record<string, string>>,
): void {
  for (const [id, answer] of Object.entries(answers)) {
    const question = questions.find((one) => one.id === id);
    if (!question) throw refused(`answers.${id}`, answer, 'answers to this study’s questions');
    const { options } = question;
    if (answer !== '' && options.length > 0 && !options.includes(answer)) {
      throw refused(`answers.${id}`, answer, `one of ${options.join(', ')}`);
    }
  }
}

function refused(field: string, value: string, accepted: string): RatingRefusal {
  const text = JSON.stringify(value.slice(0, 80));
  const message = `${field} is ${text}; accepted: ${accepted}.`;
  return new RatingRefusal({ code: 'invalid-input', message, field, value: text, accepted });
}
