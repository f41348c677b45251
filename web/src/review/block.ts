// What still stands between a case and its confirmation. The first reason is the one to name.
import type { Answer, CaseFull } from "../api/types";

export type Block =
  | { why: "taken" }
  | { why: "refused" }
  | { why: "plate" }
  | { why: "doubtful" }
  | { why: "questions"; left: number }
  | { why: "yes" };

export function blockOf(
  found: Pick<CaseFull, "may" | "plate" | "questions">,
  answers: Readonly<Record<string, Answer>>,
  taken: boolean,
): Block | null {
  if (taken) return { why: "taken" };
  if (!found.may.decide) return { why: "refused" };
  const plate = found.plate;
  if (!plate || plate.verdict === "unreadable" || plate.shown === "") return { why: "plate" };
  // A person's own reading settles doubts; a `?` left in it does not.
  if (plate.shown.includes("?") || (plate.verdict === "doubtful" && !plate.edited)) {
    return { why: "doubtful" };
  }
  if (found.questions.some((q) => answers[q.code] === "yes")) return { why: "yes" };
  const left = found.questions.filter((q) => answers[q.code] !== "no").length;
  return left > 0 ? { why: "questions", left } : null;
}
