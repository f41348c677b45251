// One case on one screen: its proof, what the law says, and the decision, all by keys.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useChanges } from "../api/events";
import type { Answer, CaseFull, RejectReason } from "../api/types";
import { useQuery } from "../api/useQuery";
import { go, Link } from "../app/router";
import { accountName } from "../app/session";
import { useStore } from "../app/store";
import { Trouble } from "../app/trouble";
import { Icon } from "../design/icons";
import { Badge, Bones, Button, Empty, Notice } from "../design/parts";
import { useSpeech, wordOf } from "../i18n";
import { blockOf } from "./block";
import { type ClipHandle, ClipPlayer } from "./ClipPlayer";
import { DecisionBar } from "./DecisionBar";
import { Clocks, LawBox, Past, Why } from "./Facts";
import { KeysDialog } from "./KeysDialog";
import { type Action, actionFor, isTyping, keyOf, pressesControl } from "./keys";
import { NoteDialog } from "./NoteDialog";
import { decide, decidedStore } from "./outbox";
import { PlateDialog } from "./PlateDialog";
import { PlatePanel } from "./PlatePanel";
import { casePath, prefetchCase } from "./preload";
import { openQuestion, Questions } from "./Questions";
import { beside, listQuery } from "./queue";
import { Stills } from "./Stills";
import { useCaseList } from "./useCaseList";
import { useHold } from "./useHold";
import { useStopwatch } from "./useStopwatch";
import { panned, toVehicle, type View, WHOLE, zoomed } from "./view";

/** A case that was made ready a moment ago is as good as new: `version` guards the decision. */
const FRESH_MS = 15_000;
const HELD_AGAIN_MS = 20_000;

export function CaseScreen({ id, query }: { id: string; query: URLSearchParams }) {
  const { t } = useSpeech();
  const found = useQuery<CaseFull>(casePath(id), FRESH_MS);
  if (found.data) return <Case found={found.data} query={query} reload={found.reload} />;
  if (found.error) {
    return (
      <div className="page">
        <Trouble error={found.error} onRetry={found.reload} />
        <Link to={`/review${listQuery(query)}`}>{t.review.back}</Link>
      </div>
    );
  }
  return (
    <div className="page">
      <Bones rows={3} height={180} />
    </div>
  );
}

type Opened = "plate" | "note" | "keys" | null;

interface CaseProps {
  found: CaseFull;
  query: URLSearchParams;
  reload: () => void;
}

function Case({ found, query, reload }: CaseProps) {
  const { t, f } = useSpeech();
  const me = accountName();
  const [view, setView] = useState<View>(WHOLE);
  const [boxes, setBoxes] = useState(true);
  const [track, setTrack] = useState(false);
  const [answers, setAnswers] = useState<Record<string, Answer>>({});
  const [opened, setOpened] = useState<Opened>(null);
  const [painted, setPainted] = useState(false);
  const [atEnd, setAtEnd] = useState(false);
  const clip = useRef<ClipHandle>(null);
  const watch = useStopwatch();
  const decided = useStore(decidedStore);
  const list = useCaseList(query);
  const order = useMemo(() => list.rows.map(({ row }) => row), [list.rows]);
  const at = order.findIndex((row) => row.id === found.id);

  const wasDecided = decided.get(found.id) === found.state;
  const mayDecide = found.may.decide && !wasDecided;
  const taken = useHold(found.id, mayDecide);
  const heldBy = found.held_by !== null && found.held_by !== me ? found.held_by : null;
  const block = blockOf(found, answers, taken !== null || heldBy !== null);
  const neighbour = (step: 1 | -1) => beside(order, found.id, step, decided, me);
  const next = neighbour(1);

  useChanges((change) => {
    const mine = change.topic === "case" && change.id === found.id;
    if (change.topic === "return" || (mine && change.version !== found.version)) reload();
  });
  useEffect(() => {
    // Nobody is told when a hold runs out: who waits for it looks again.
    if (heldBy === null) return;
    const timer = setInterval(reload, HELD_AGAIN_MS);
    return () => clearInterval(timer);
  }, [heldBy, reload]);
  useEffect(() => {
    if (painted && next) void prefetchCase(next.id, true);
  }, [painted, next]);
  // The list is asked for page by page; the next page comes before the last case of this one.
  const more = list.more;
  const nearEnd = at >= 0 && at > order.length - 6;
  // Dependencies on purpose: once for each end
  useEffect(() => {
    if (nearEnd) void more?.().catch(() => {});
  }, [nearEnd, order.length]);

  const move = (step: 1 | -1) => {
    const to = neighbour(step);
    if (to) go(`/review/${encodeURIComponent(to.id)}${listQuery(query)}`);
    else setAtEnd(true);
  };
  const finish = (decision: "confirm" | "reject", reason: RejectReason | null, note: string) => {
    decide(found, {
      version: found.version,
      decision,
      reason,
      note,
      answers: decision === "confirm" ? answers : { ...answers },
      seconds: watch.seconds(),
    });
    setOpened(null);
    move(1);
  };
  const mayReject = mayDecide && taken === null;
  const reject = (reason: RejectReason) => {
    if (!mayReject) return;
    if (reason === "other") setOpened("note");
    else finish("reject", reason, "");
  };
  const answer = (code: string, value: Answer) => {
    if (mayDecide) setAnswers({ ...answers, [code]: value });
  };
  const allNo = () => {
    if (mayDecide) setAnswers(Object.fromEntries(found.questions.map((q) => [q.code, "no"])));
  };
  const { box_before, box_act, box_after } = found.violation;
  const follow = () =>
    setView(toVehicle([box_before, box_act, box_after], found.size ?? [1600, 900]));

  const act = (action: Action) => {
    switch (action.do) {
      case "play":
        return clip.current?.toggle();
      case "step":
        return clip.current?.step(action.frames);
      case "mark":
        return clip.current?.mark(action.step);
      case "track":
        return setTrack(!track);
      case "boxes":
        return setBoxes(!boxes);
      case "zoom":
        return setView(zoomed(view, action.factor));
      case "fit":
        return setView(WHOLE);
      case "vehicle":
        return follow();
      case "pan":
        return setView(panned(view, action.x * 0.15, action.y * 0.15));
      case "answer": {
        const question = openQuestion(found.questions, answers);
        return question ? answer(question.code, action.answer) : undefined;
      }
      case "all_no":
        return allNo();
      case "plate":
        return found.may.edit_plate ? setOpened("plate") : undefined;
      case "confirm":
        return block === null && !wasDecided ? finish("confirm", null, "") : undefined;
      case "reject":
        return reject(action.reason);
      case "next":
        return move(action.step);
      case "back":
        return go(`/review${listQuery(query)}`);
      case "help":
        return setOpened("keys");
    }
  };
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target)) return;
      const key = keyOf(event);
      if (pressesControl(key, event.target)) return;
      const action = actionFor(key);
      if (!action) return;
      event.preventDefault();
      latest.current(action);
    };
    // A control that was pressed with the mouse gives the keys back: enter then confirms again.
    const onClick = (event: MouseEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.detail === 0 || !target || target.closest("dialog")) return;
      const control = target.closest("button, input[type=range]");
      if (control instanceof HTMLElement) control.blur();
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("click", onClick);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("click", onClick);
    };
  }, []);

  const onPaint = useCallback(() => {
    watch.start();
    setPainted(true);
    // Dependencies on purpose: the watch lives as long as the case
  }, []);
  const close = () => setOpened(null);

  return (
    <div className="case">
      <CaseHead
        found={found}
        at={at}
        of={list.total}
        back={`/review${listQuery(query)}`}
        onMove={move}
        onKeys={() => setOpened("keys")}
      />
      <div className="case-body">
        <div className="case-main">
          <Stills
            found={found}
            view={view}
            boxes={boxes}
            onView={setView}
            onVehicle={follow}
            onBoxes={() => setBoxes(!boxes)}
            onPaint={onPaint}
          />
          <div className="case-lower">
            <ClipPlayer
              found={found}
              track={track}
              onTrack={() => setTrack(!track)}
              handle={clip}
            />
            <section className="facts" aria-label={t.review.why} tabIndex={0}>
              <Why found={found} />
              <LawBox found={found} />
              <Clocks found={found} />
            </section>
          </div>
        </div>
        <aside className="case-side" aria-label={t.review.plate.title} tabIndex={0}>
          <FourEyes found={found} me={me} />
          {(taken !== null || heldBy !== null) && (
            <Taken words={taken ?? "someone"} heldBy={heldBy} onSkip={() => move(1)} />
          )}
          <PlatePanel found={found} onEdit={() => setOpened("plate")} />
          <Questions
            questions={found.questions}
            answers={answers}
            locked={!mayDecide}
            onAnswer={answer}
            onAllNo={allNo}
          />
          <Past found={found} />
        </aside>
      </div>
      <DecisionBar
        found={found}
        block={wasDecided ? { why: "refused" } : block}
        mayReject={mayReject}
        onReject={reject}
        onConfirm={() => act({ do: "confirm" })}
      />
      {opened === "plate" && <PlateDialog found={found} onClose={close} onStale={reload} />}
      {opened === "note" && (
        <NoteDialog onClose={close} onReject={(note) => finish("reject", "other", note)} />
      )}
      {opened === "keys" && <KeysDialog onClose={close} />}
      {atEnd && (
        <div className="at-end">
          <div className="panel">
            <Empty icon="check" title={t.review.done}>
              <p>{t.review.doneText}</p>
              <Button look="primary" autoFocus onClick={() => go(`/review${listQuery(query)}`)}>
                {t.review.back}
              </Button>
            </Empty>
          </div>
        </div>
      )}
      <span className="unseen" role="status">
        {wordOf(t.kinds, found.kind)}, {f.moment(found.act_at)}
      </span>
    </div>
  );
}

interface HeadProps {
  found: CaseFull;
  at: number;
  of: number | null;
  back: string;
  onMove: (step: 1 | -1) => void;
  onKeys: () => void;
}

function CaseHead({ found, at, of, back, onMove, onKeys }: HeadProps) {
  const { t, f, pick } = useSpeech();
  return (
    <header className="case-head">
      <Link className="button plain" to={back}>
        <Icon name="back" />
        {t.review.back}
      </Link>
      <div className="case-title">
        <h1 className="cut">{pick(found.kind_vi, found.kind_en)}</h1>
        <span className="quiet cut">
          {pick(found.class_vi, wordOf(t.vehicleClasses, found.class))} · {found.place} ·{" "}
          {found.camera}
        </span>
      </div>
      <span className="nowrap">
        <span className="strong">{f.time(found.act_at)}</span> {f.date(found.act_at)}
      </span>
      <Badge tone={found.state === "first_confirmed" ? "accent" : "calm"}>
        {t.states[found.state]}
      </Badge>
      {!found.clock_known && (
        <Badge tone="warn" icon="clock">
          {t.queue.unsureTime}
        </Badge>
      )}
      {found.verdict === "insufficient" && (
        <Badge tone="warn" icon="warn">
          {t.verdicts.insufficient}
        </Badge>
      )}
      <div className="row push">
        {at >= 0 && of !== null && (
          <span className="small quiet nowrap">
            {t.review.position(f.integer(at + 1), f.integer(of))}
          </span>
        )}
        <Button
          look="plain"
          icon="back"
          aria-label={t.review.previous}
          title={`${t.review.previous} (K)`}
          onClick={() => onMove(-1)}
        />
        <Button
          look="plain"
          icon="next"
          aria-label={t.review.next}
          title={`${t.review.next} (J)`}
          onClick={() => onMove(1)}
        />
        <Button look="plain" icon="keyboard" hotkey="?" onClick={onKeys}>
          <span className="unseen">{t.review.keys}</span>
        </Button>
      </div>
    </header>
  );
}

function FourEyes({ found, me }: { found: CaseFull; me: string | null }) {
  const { t } = useSpeech();
  if (found.state !== "first_confirmed") return null;
  const mine = found.first_by !== null && found.first_by === me;
  return (
    <Notice tone={mine ? "warn" : "accent"} icon={mine ? "lock" : "user"}>
      {mine ? t.review.youWereFirst : t.review.firstOfficer(found.first_by ?? "")}
    </Notice>
  );
}

interface TakenProps {
  words: { vi: string; en: string } | "someone";
  heldBy: string | null;
  onSkip: () => void;
}

function Taken({ words, heldBy, onSkip }: TakenProps) {
  const { t, language } = useSpeech();
  return (
    <Notice
      tone="warn"
      icon="lock"
      actions={
        <Button hotkey="J" onClick={onSkip}>
          {t.review.skip}
        </Button>
      }
    >
      {words === "someone" ? t.review.taken(heldBy ?? t.review.someone) : words[language]}
    </Notice>
  );
}
