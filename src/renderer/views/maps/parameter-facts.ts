import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type ParameterValues, valueText } from '../../../shared/catalogue/parameter';

/** All of them, by the operators that they belong to. */
export function parameterFacts(
  operators: OperatorCatalogue,
  values: ParameterValues,
): (readonly [string, string])[] {
  return operators.groups().map(({ title, parameters }) => [
    title,
    Object.entries(parameters)
      .flatMap(([name, parameter]) => {
        const value = values[name];
        return value === undefined ? [] : `${parameter.label}: ${valueText(parameter, value)}`;
      })
      .join(', '),
  ]);
}
