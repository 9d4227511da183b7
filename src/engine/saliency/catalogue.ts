import { type Wrapper } from '../../shared/catalogue/compositions';
import { gradient } from './gradient';
import { guided } from './guided';
import { integrate } from './integrate';
import {
  type BaseName,
  type BaseOperator,
  type ControlName,
  type ControlOperator,
  type WrapperOperator,
} from './operator';
import { random } from './random';
import { smooth } from './smooth';
import { sobel } from './sobel';
import { timesInput } from './times-input';

/** Every operator that a composition may name: one file and one line each. */
export const baseOperators: Record<BaseName, BaseOperator> = { gradient, guided };
export const controlOperators: Record<ControlName, ControlOperator> = { random, sobel };
export const wrapperOperators: Record<Wrapper, WrapperOperator> = {
  'times-input': timesInput,
  smooth,
  integrate,
};
