// What went wrong, in the person's language, with what to do about it.
import { ApiError } from "../api/client";
import { Button, Notice } from "../design/parts";
import { type Speech, useSpeech } from "../i18n";

export function troubleWords(error: unknown, { t, f, language }: Speech): string {
  if (!(error instanceof ApiError)) return `${t.errors.other} browser.`;
  if (error.words) return error.words[language];
  switch (error.status) {
    case 0:
      return t.errors.offline;
    case 401:
      return t.errors.signedOut;
    case 403:
      return t.errors.forbidden;
    case 404:
      return t.errors.missing;
    case 409:
      return t.errors.conflict;
    case 429:
      return error.retryAfterS === null
        ? t.errors.wait
        : t.errors.tooMany(f.integer(error.retryAfterS));
    case 503:
      return t.errors.away;
    default:
      return `${t.errors.other} ${error.code}.`;
  }
}

export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const speech = useSpeech();
  return (
    <Notice
      tone="bad"
      actions={
        onRetry && (
          <Button icon="reload" onClick={onRetry}>
            {speech.t.retry}
          </Button>
        )
      }
    >
      {troubleWords(error, speech)}
    </Notice>
  );
}
