// The two ways out of a case: nine reasons to reject, one key to confirm, and why that is closed.
import { type CaseFull, REJECT_REASONS, type RejectReason } from "../api/types";
import { Button } from "../design/parts";
import { type Speech, useSpeech } from "../i18n";
import type { Block } from "./block";

interface Props {
  found: CaseFull;
  block: Block | null;
  mayReject: boolean;
  onReject: (reason: RejectReason) => void;
  onConfirm: () => void;
}

export function blockWords(block: Block, found: CaseFull, { t, f, pick }: Speech): string {
  switch (block.why) {
    case "refused":
      return pick(found.may.why_not_vi ?? "", found.may.why_not_en ?? "") || t.review.block.state;
    case "questions":
      return t.review.block.questions(f.integer(block.left));
    default:
      return t.review.block[block.why];
  }
}

export function DecisionBar({ found, block, mayReject, onReject, onConfirm }: Props) {
  const speech = useSpeech();
  const { t } = speech;
  return (
    <footer className="decision">
      <fieldset className="rejects" aria-label={t.review.rejectTitle}>
        <span className="strong">{t.review.reject}</span>
        {REJECT_REASONS.map((reason, i) => (
          <Button
            key={reason}
            hotkey={String(i + 1)}
            disabled={!mayReject}
            onClick={() => onReject(reason)}
          >
            {t.review.rejectReasons[reason]}
          </Button>
        ))}
      </fieldset>
      <div className="confirm">
        <Button
          look="primary"
          big
          icon="check"
          hotkey="↵"
          disabled={block !== null}
          aria-describedby="why-not"
          onClick={onConfirm}
        >
          {found.may.second ? t.review.confirmSecond : t.review.confirm}
        </Button>
        <p id="why-not" className="small" role="status">
          {block && blockWords(block, found, speech)}
        </p>
      </div>
    </footer>
  );
}
