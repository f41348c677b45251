// The ninth reason needs words.
import { type FormEvent, useState } from "react";
import { Button, Dialog, Field } from "../design/parts";
import { useSpeech } from "../i18n";

interface Props {
  onClose: () => void;
  onReject: (note: string) => void;
}

export function NoteDialog({ onClose, onReject }: Props) {
  const { t } = useSpeech();
  const [note, setNote] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (note.trim() !== "") onReject(note.trim());
  };
  return (
    <Dialog
      title={`${t.review.reject}: ${t.review.rejectReasons.other}`}
      closeWord={t.close}
      onClose={onClose}
    >
      <form className="stack" onSubmit={submit}>
        <Field label={t.review.note} hint={t.review.noteHint}>
          {(ids) => (
            <textarea
              className="input"
              {...ids}
              value={note}
              maxLength={500}
              autoFocus
              onChange={(e) => setNote(e.target.value)}
              onKeyDown={(e) => {
                if (e.key === "Enter" && !e.shiftKey && !e.nativeEvent.isComposing) submit(e);
              }}
            />
          )}
        </Field>
        <footer>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button type="submit" look="primary" hotkey="↵" disabled={note.trim() === ""}>
            {t.review.reject}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
