// The clip, frame by frame, with the track drawn on demand and the lamps under it in step.
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { CaseFull, Clip } from "../api/types";
import { Icon } from "../design/icons";
import { Button } from "../design/parts";
import { useSpeech } from "../i18n";
import { frameAt, markFrom, startOf, stepTo } from "./clipTime";
import { fileUrl } from "./files";
import { SignalTimeline } from "./SignalTimeline";
import { useObject } from "./useObject";

export interface ClipHandle {
  toggle: () => void;
  step: (frames: 1 | -1) => void;
  mark: (step: 1 | -1) => void;
}

interface Props {
  found: CaseFull;
  track: boolean;
  onTrack: () => void;
  handle: Ref<ClipHandle>;
}

export function ClipPlayer({ found, track, onTrack, handle }: Props) {
  const { t } = useSpeech();
  if (!found.clip) {
    return (
      <section className="clip empty-clip" aria-label={t.review.clip}>
        <p className="no-picture">
          <Icon name="play" />
          {t.review.noClip}
        </p>
        {found.signal.length > 0 && (
          <SignalTimeline found={found} clip={null} time={null} onSeek={() => {}} />
        )}
      </section>
    );
  }
  return <Player found={found} clip={found.clip} track={track} onTrack={onTrack} handle={handle} />;
}

function Player({ found, clip, track, onTrack, handle }: Props & { clip: Clip }) {
  const { t, f } = useSpeech();
  const object = useObject(found.id, clip.name);
  const video = useRef<HTMLVideoElement>(null);
  const [time, setTime] = useState(clip.act_s);
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  // It rests on the act until somebody plays it, and then begins shortly before.
  const touched = useRef(false);

  const shows = typeof object === "object" && !failed ? object : null;
  const seek = useCallback((to: number) => {
    const element = video.current;
    if (!element) return;
    touched.current = true;
    element.pause();
    element.currentTime = to;
    setTime(to);
  }, []);

  const toggle = () => {
    const element = video.current;
    if (!element) return;
    if (!element.paused) {
      element.pause();
      return;
    }
    if (!touched.current || element.ended) element.currentTime = startOf(clip);
    touched.current = true;
    void element.play().catch(() => setFailed(true));
  };

  useImperativeHandle(handle, () => ({
    toggle,
    step: (frames) => seek(stepTo(video.current?.currentTime ?? time, frames, clip)),
    mark: (step) => seek(markFrom(touched.current ? time : clip.act_s, step, clip)),
  }));

  useEffect(() => {
    if (!playing) return;
    let request = 0;
    const follow = () => {
      if (video.current) setTime(video.current.currentTime);
      request = requestAnimationFrame(follow);
    };
    request = requestAnimationFrame(follow);
    return () => cancelAnimationFrame(request);
  }, [playing]);

  return (
    <section className="clip" aria-label={t.review.clip}>
      <div className="clip-screen">
        {shows ? (
          <video
            ref={video}
            src={shows.url}
            muted
            playsInline
            preload="auto"
            onLoadedMetadata={(e) => {
              e.currentTarget.currentTime = clip.act_s;
            }}
            onPlay={() => setPlaying(true)}
            onPause={() => setPlaying(false)}
            onSeeked={(e) => setTime(e.currentTarget.currentTime)}
            onError={() => setFailed(true)}
            onClick={toggle}
          />
        ) : (
          <p className="no-picture">
            {object === "loading" ? (
              t.loading
            ) : (
              <>
                <Icon name="warn" />
                {t.review.clipFailed}
                <a href={fileUrl(found.id, clip.name)} download>
                  {t.download}
                </a>
              </>
            )}
          </p>
        )}
        {track && shows && found.size && <Track found={found} size={found.size} time={time} />}
      </div>
      <div className="clip-tools">
        <Button
          look="plain"
          icon={playing ? "pause" : "play"}
          aria-label={t.review.play}
          title={`${t.review.play} (␣)`}
          onClick={toggle}
        />
        <Button
          look="plain"
          icon="back"
          aria-label={t.review.stepBack}
          title={`${t.review.stepBack} (←)`}
          onClick={() => seek(stepTo(time, -1, clip))}
        />
        <Button
          look="plain"
          icon="next"
          aria-label={t.review.stepOn}
          title={`${t.review.stepOn} (→)`}
          onClick={() => seek(stepTo(time, 1, clip))}
        />
        <span className="small clip-time">
          {f.decimal(time, 1)} / {t.review.seconds(f.decimal(clip.duration_s, 1))}
          <span className="quiet"> {t.review.frame(f.integer(frameAt(time, clip.fps)))}</span>
        </span>
        <Button
          look="plain"
          icon="track"
          hotkey="T"
          aria-pressed={track}
          className="push"
          onClick={onTrack}
        >
          {t.review.track}
        </Button>
      </div>
      <SignalTimeline found={found} clip={clip} time={time} onSeek={seek} />
    </section>
  );
}

/** The way of the road user: what is behind it bright, what is to come faint. */
function Track({ found, size, time }: { found: CaseFull; size: [number, number]; time: number }) {
  const points = (from: number, to: number) =>
    found.track
      .filter((p) => p.t_s >= from && p.t_s <= to)
      .map((p) => `${p.x},${p.y}`)
      .join(" ");
  const now = found.track.findLast((p) => p.t_s <= time);
  return (
    <svg className="track" viewBox={`0 0 ${size[0]} ${size[1]}`} aria-hidden="true">
      <polyline className="halo" points={points(0, time)} />
      <polyline className="ahead" points={points(time, Number.POSITIVE_INFINITY)} />
      <polyline points={points(0, time)} />
      {now && <circle cx={now.x} cy={now.y} r={size[0] / 160} />}
    </svg>
  );
}
