import { defaultQuestions } from '../../../shared/ratings/questions';
import { type AskedQuestion } from '../../../shared/ratings/results';
import { asked, StudyScales } from '../ratings/scales';
import { type StoredStudy } from './studies-repository';

type Study = Pick<StoredStudy, 'config' | 'questions'>;

/** What a study asks, in the order of its tables. */
export function askedIn({ config, questions }: Study): AskedQuestion[] {
  if (!config && questions) return questions.map(asked);
  return (config?.questions ?? defaultQuestions).map(({ id, title, labels }) => ({
    id,
    title,
    labels: [...labels],
  }));
}

/** By which rows of ratings are read that name the study. */
export const scalesIn = (study: Study): StudyScales =>
  study.config ? StudyScales.designed(askedIn(study)) : StudyScales.imported(study.questions);
