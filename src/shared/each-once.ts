/** Whether no value of a list is there twice: each costs work of its own. */
export function eachOnce(values: readonly (string | number)[]): boolean {
  return new Set(values).size === values.length;
}
