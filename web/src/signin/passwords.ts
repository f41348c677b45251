// What a new password must be, told while it is typed. The server knows the common ones.

export const MIN_LENGTH = 12;

export type PasswordFault = { short: number } | "isName" | "differs" | null;

export function passwordFault(next: string, repeat: string | null, name: string): PasswordFault {
  const length = [...next].length;
  if (length > 0 && length < MIN_LENGTH) return { short: MIN_LENGTH - length };
  if (name !== "" && next.toLowerCase().includes(name.toLowerCase())) return "isName";
  if (repeat !== null && repeat !== "" && repeat !== next) return "differs";
  return null;
}
