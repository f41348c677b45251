// What the law asks before a confirmation. The open question is marked; keys answer it.
import type { Answer, Question } from "../api/types";
import { Button, classes } from "../design/parts";
import { useSpeech } from "../i18n";

interface Props {
  questions: readonly Question[];
  answers: Readonly<Record<string, Answer>>;
  locked: boolean;
  onAnswer: (code: string, answer: Answer) => void;
  onAllNo: () => void;
}

/** The first question without an answer. */
export function openQuestion(
  questions: readonly Question[],
  answers: Readonly<Record<string, Answer>>,
): Question | null {
  return questions.find((q) => answers[q.code] === undefined) ?? null;
}

export function Questions({ questions, answers, locked, onAnswer, onAllNo }: Props) {
  const { t, pick } = useSpeech();
  if (questions.length === 0) return null;
  const next = openQuestion(questions, answers);
  const yes = questions.some((q) => answers[q.code] === "yes");
  return (
    <section className="block questions">
      <header className="row spread">
        <h3>{t.review.questions}</h3>
        <Button look="plain" icon="check" hotkey="A" disabled={locked} onClick={onAllNo}>
          {t.review.allNo}
        </Button>
      </header>
      <ul>
        {questions.map((question) => {
          const answer = answers[question.code];
          return (
            <li
              key={question.code}
              className={classes(question === next && !locked && "open", answer)}
            >
              <span id={`q-${question.code}`}>{pick(question.vi, question.en)}</span>
              <fieldset
                className="segments"
                aria-labelledby={`q-${question.code}`}
                disabled={locked}
              >
                {(["no", "yes"] as const).map((value) => (
                  <button
                    key={value}
                    type="button"
                    aria-pressed={answer === value}
                    onClick={() => onAnswer(question.code, value)}
                  >
                    {t.review[value]}
                  </button>
                ))}
              </fieldset>
            </li>
          );
        })}
      </ul>
      {yes && <p className="small lacking">{t.review.yesMeans}</p>}
    </section>
  );
}
