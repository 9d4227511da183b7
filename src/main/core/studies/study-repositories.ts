import { type RatingEventsRepository } from '../ratings/events-repository';
import { type RatersRepository } from './raters-repository';
import { type StudiesRepository } from './studies-repository';
import { type StudyLogRepository } from './study-log';

/** What is stored of a study. */
export interface StudyRepositories {
  readonly raters: RatersRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly studies: StudiesRepository;
  readonly studyLog: StudyLogRepository;
}
