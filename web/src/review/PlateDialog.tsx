// Typing the plate as a person sees it, with what they rely on.
import { type FormEvent, useState } from "react";
import { ApiError, post } from "../api/client";
import type { CaseFull } from "../api/types";
import { keep } from "../api/useQuery";
import { say } from "../app/toasts";
import { Trouble, troubleWords } from "../app/trouble";
import { Button, Dialog, TextField } from "../design/parts";
import { useSpeech } from "../i18n";
import { PlateCrop } from "./PlatePanel";
import { looksLikePlate } from "./plates";
import { casePath } from "./preload";

interface Props {
  found: CaseFull;
  onClose: () => void;
  onStale: () => void;
}

export function PlateDialog({ found, onClose, onStale }: Props) {
  const speech = useSpeech();
  const { t } = speech;
  const reading = found.plate_reading;
  const [plate, setPlate] = useState(found.plate?.shown ?? "");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fits = looksLikePlate(plate);
  const offers = [
    ...(reading && reading.printed !== "" ? [reading.printed] : []),
    ...(reading?.alternatives ?? []).map((a) => a.printed),
  ];
  const onPlate = error instanceof ApiError && error.field === "plate";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!fits || reason.trim() === "") return;
    setBusy(true);
    setError(null);
    try {
      const next = await post<CaseFull>(`${casePath(found.id)}/plate`, {
        version: found.version,
        plate: plate.trim(),
        reason: reason.trim(),
      });
      keep(casePath(found.id), next);
      say(t.review.plate.saved);
      onClose();
    } catch (cause) {
      setError(cause);
      setBusy(false);
      if (cause instanceof ApiError && cause.status === 409) onStale();
    }
  };

  return (
    <Dialog title={t.review.plate.edit} closeWord={t.close} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <PlateCrop found={found} />
        {error !== null && !onPlate && <Trouble error={error} />}
        <TextField
          label={t.review.plate.text}
          hint={t.review.plate.textHint}
          wrong={
            onPlate
              ? troubleWords(error, speech)
              : plate !== (found.plate?.shown ?? "") && !fits
                ? t.review.plate.malformed
                : null
          }
          value={plate}
          onText={(text) => setPlate(text.toUpperCase())}
          className="input plate-input"
          spellCheck={false}
          autoComplete="off"
          autoFocus
        />
        {offers.length > 0 && (
          <div className="row wrap">
            {offers.map((offer) => (
              <Button key={offer} onClick={() => setPlate(offer)}>
                {t.review.plate.use(offer)}
              </Button>
            ))}
          </div>
        )}
        <TextField
          label={t.review.plate.reason}
          placeholder={t.review.plate.reasonHint}
          value={reason}
          onText={setReason}
        />
        <div className="row wrap">
          {t.review.plate.reasons.map((words) => (
            <Button key={words} aria-pressed={reason === words} onClick={() => setReason(words)}>
              {words}
            </Button>
          ))}
        </div>
        <footer>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button
            type="submit"
            look="primary"
            hotkey="↵"
            disabled={busy || !fits || reason.trim() === ""}
          >
            {t.save}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
