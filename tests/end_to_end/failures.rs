//! What goes wrong is said in one plain line that names it, ends with exit code 1, and leaves nothing
//! half written.

use std::{
    ffi::CString,
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

use giaolo_tests::{
    chance::Chance,
    footage::{Clip, EVERYWHERE, busy_scene, demo_clips},
    mp4,
    program::{Giaolo, Run, analyse, root},
    results::{Results, names, stored_is_proven},
};
use tempfile::TempDir;

/// Whatever went wrong.
fn said_plainly(what: &str, run: &Run, named: &[&str]) {
    let said = &run.stderr;
    assert_eq!(run.code, Some(1), "{what}: {said}");
    assert!(run.stdout.is_empty(), "{what}: {}", run.stdout);
    for part in named {
        assert!(said.contains(part), "{what}: `{part}` is not in: {said}");
    }
    for part in ["panicked", "RUST_BACKTRACE", "unwrap", "Os {"] {
        assert!(!said.contains(part), "{what}: {said}");
    }
    let errors = said.lines().filter(|line| line.starts_with("giaolo: ")).count();
    assert_eq!(errors, 1, "{what}: {said}");
}

/// No file of results, whole or half. The folder itself, its lock and the database may be there.
fn nothing_is_half_written(what: &str, out: &Path) {
    if !out.is_dir() {
        return;
    }
    let allowed = [".lock", "giaolo.db", "giaolo.db-shm", "giaolo.db-wal", "evidence"];
    let left: Vec<String> =
        names(out).into_iter().filter(|name| !allowed.contains(&name.as_str())).collect();
    assert!(left.is_empty(), "{what} left {left:?}");
    let evidence = out.join("evidence");
    if evidence.is_dir() {
        let drafts = names(&evidence).into_iter().filter(|name| name.starts_with(".draft"));
        assert_eq!(drafts.count(), 0, "{what} left a draft");
    }
}

fn refused(what: &str, giaolo: Giaolo, out: &Path, named: &[&str]) {
    said_plainly(what, &giaolo.run(), named);
    nothing_is_half_written(what, out);
}

/// A folder to break things in.
struct Bench {
    folder: TempDir,
    clip: Clip,
}

impl Bench {
    fn new() -> Self {
        let [clip, _] = demo_clips();
        Self { folder: tempfile::tempdir().unwrap(), clip }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn refuses_source(&self, source: &Path, named: &[&str]) {
        let what = source.file_name().unwrap().to_string_lossy();
        let out = self.path(&format!("out-{what}"));
        let mut all = vec![&*what];
        all.extend(named);
        refused(&what, analyse(source, &self.clip.scene, &out), &out, &all);
    }

    /// The demo scene with a piece of its text replaced.
    fn refuses_scene(&self, name: &str, changes: &[(&str, &str)], named: &[&str]) {
        let mut text = fs::read_to_string(&self.clip.scene).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "the demo scene has no {from}");
            text = text.replace(from, to);
        }
        let scene = self.write(name, text.as_bytes());
        let out = self.path(&format!("out-{name}"));
        let mut all = vec![name];
        all.extend(named);
        refused(name, analyse(&self.clip.video, &scene, &out), &out, &all);
    }

    /// An installation of its own, whose files may be broken.
    fn home(&self, name: &str) -> PathBuf {
        let home = self.path(name);
        let weights = home.join("var/models/nanodet-g");
        fs::create_dir_all(&weights).unwrap();
        fs::create_dir_all(home.join("models")).unwrap();
        fs::copy(root().join("models/nanodet-g.toml"), home.join("models/nanodet-g.toml")).unwrap();
        for part in ["configs", "var/lib"] {
            std::os::unix::fs::symlink(root().join(part), home.join(part)).unwrap();
        }
        for file in ["nanodet-g-640x384-int8.onnx", "nanodet-g-320x192-int8.onnx"] {
            let from = root().join("var/models/nanodet-g").join(file);
            fs::copy(from, weights.join(file)).unwrap();
        }
        home
    }

    fn refuses_home(&self, home: &Path, named: &[&str]) {
        let what = home.file_name().unwrap().to_string_lossy();
        let out = self.path(&format!("out-{what}"));
        let run = analyse(&self.clip.video, &self.clip.scene, &out).env("GIAOLO_HOME", home);
        refused(&what, run, &out, named);
    }

    /// The usual clip and scene with more arguments.
    fn refuses_args(&self, args: &[&str], named: &[&str]) {
        let what = args.join(" ");
        let out = self.path(&format!("out{}", args.len()));
        let run = args
            .iter()
            .fold(analyse(&self.clip.video, &self.clip.scene, &out), |run, arg| run.arg(arg));
        refused(&what, run, &out, named);
    }
}

#[test]
fn sources_that_are_none() {
    let bench = Bench::new();
    let video = fs::read(&bench.clip.video).unwrap();
    let pictures = mp4::pictures(&video);
    bench.refuses_source(&bench.path("missing.mp4"), &["does not exist"]);
    bench.refuses_source(&bench.folder.path().join("."), &["folder"]);
    bench.refuses_source(&bench.write("text.mp4", &b"xin chao\n".repeat(500)), &["not a video"]);
    bench.refuses_source(&bench.write("empty.mp4", b""), &["not a video"]);
    bench.refuses_source(
        &bench.write("no-frames.mp4", &mp4::without_frames(&video)),
        &["no video frames"],
    );
    let half = pictures.start + pictures.len() / 2;
    bench.refuses_source(&bench.write("no-index.mp4", &video[..half]), &["moov"]);
    let index_first = mp4::index_first(&video);
    let cut = &index_first[..index_first.len() * 6 / 10];
    bench.refuses_source(&bench.write("cut.mp4", cut), &["cut short", "bytes are missing"]);
    // Otherwise the two before would prove nothing.
    let whole = bench.write("index-first.mp4", &index_first);
    let out = bench.path("whole");
    analyse(&whole, &bench.clip.scene, &out).succeed();
    // What an earlier analysis left must not pass for the results of one that broke.
    let run = analyse(&bench.path("cut.mp4"), &bench.clip.scene, &out);
    refused("cut.mp4 over results", run, &out, &["cut.mp4"]);
}

/// A recording with damaged pictures may still be looked at, but what is damaged must be said and
/// must prove nothing; one with nothing but damage is refused.
#[test]
fn damaged_pictures_are_said_or_refused() {
    let bench = Bench::new();
    let video = fs::read(&bench.clip.video).unwrap();
    let pictures = mp4::pictures(&video);
    let mut chance = Chance::new(7);
    let mut scratched = video.clone();
    for _ in 0..40 {
        let at = pictures.start + (chance.share() * pictures.len() as f64) as usize;
        scratched[at] ^= 0x55;
    }
    let out = bench.path("scratched");
    let run = analyse(&bench.write("scratched.mp4", &scratched), &bench.clip.scene, &out).run();
    match run.code {
        Some(0) => {
            let results = Results::read(&out);
            results.evidence_shows_the_events();
            let warnings = results.summary["warnings"].as_array().unwrap();
            assert!(!warnings.is_empty(), "forty scratches and not a word");
        }
        _ => {
            said_plainly("scratched", &run, &["scratched.mp4"]);
            nothing_is_half_written("scratched", &out);
        }
    }
    let mut noise = video;
    noise[pictures].iter_mut().for_each(|byte| *byte = chance.next() as u8);
    bench.refuses_source(&bench.write("noise.mp4", &noise), &[]);
}

#[test]
fn scenes_with_mistakes() {
    let bench = Bench::new();
    let dwell = ("dwell_s = 0.5", "dwell_s = nan");
    let point = ("[[275, 100], [275, 280]]", "[[275, 100], [275, 100]]");
    let text = fs::read_to_string(&bench.clip.scene).unwrap();
    let line = 1 + text.lines().position(|line| line.starts_with("dwell_s")).unwrap();
    let at = format!("line {line},");
    bench.refuses_scene("nan.toml", &[dwell], &["rule[1].dwell_s", "nan", &at]);
    bench.refuses_scene("no-length.toml", &[point], &["line[1].points", "0.0 pixels"]);
    bench.refuses_scene(
        "typo.toml",
        &[("dwell_s", "dwel_s")],
        &["dwel_s", "did you mean `dwell_s`"],
    );
    // Every mistake at once, not one at a time.
    let all = ["rule[1].dwell_s", "line[1].points", "rule[1].zone", "no-lorry"];
    let zone = ("zone = \"no-lorries\"", "zone = \"no-lorry\"");
    bench.refuses_scene("several.toml", &[dwell, point, zone], &all);
    bench.refuses_scene("no-toml.toml", &[("[scene]", "[scene")], &["line 3"]);

    let other = bench.write("other.toml", text.replace("[800, 600]", "[801, 600]").as_bytes());
    let named = ["DEMO-C1", "801x600", "800x600"];
    let out = bench.path("other");
    refused("other size", analyse(&bench.clip.video, &other, &out), &out, &named);

    let out = bench.path("out");
    let missing = bench.path("missing.toml");
    refused("missing", analyse(&bench.clip.video, &missing, &out), &out, &["missing.toml"]);
}

#[test]
fn models_that_do_not_fit() {
    let bench = Bench::new();
    let weights = "var/models/nanodet-g/nanodet-g-640x384-int8.onnx";

    let home = bench.home("missing-model");
    fs::remove_file(home.join(weights)).unwrap();
    bench.refuses_home(&home, &["nanodet-g-640x384-int8.onnx"]);

    let home = bench.home("tampered-model");
    let mut bytes = fs::read(home.join(weights)).unwrap();
    bytes[9000] ^= 1;
    fs::write(home.join(weights), bytes).unwrap();
    bench.refuses_home(&home, &["nanodet-g-640x384-int8.onnx", "SHA-256", "giaolo models fetch"]);

    // The small model under the large one's name, with a registry that agrees: only its shape is wrong.
    let home = bench.home("wrong-shape");
    let registry = home.join("models/nanodet-g.toml");
    let text = fs::read_to_string(&registry).unwrap();
    let entry = |size: &str| {
        let at = text.find(&format!("size = {size}\nprecision = \"int8\"\n")).unwrap();
        let from = at + text[at..].find("path = ").unwrap();
        from..from + text[from..].find("\n\n").unwrap()
    };
    let mut wrong = text.clone();
    wrong.replace_range(entry("[640, 384]"), &text[entry("[320, 192]")]);
    fs::write(&registry, wrong).unwrap();
    bench.refuses_home(&home, &["nanodet-g-320x192-int8.onnx", "384", "192"]);

    bench.refuses_args(&["--model", "resnet"], &["resnet", "nanodet-g"]);
    bench.refuses_args(&["--model", "yolov12n"], &["AGPL-3.0", "--accept-licence agpl-3.0"]);
    bench.refuses_args(&["--provider", "cuda"], &["cuda", "not available"]);
}

#[test]
fn a_runtime_that_is_none() {
    let bench = Bench::new();
    let text = bench.write("libtext.so", b"no library");
    for library in [text, bench.path("missing.so")] {
        let out = bench.path("out");
        let run =
            analyse(&bench.clip.video, &bench.clip.scene, &out).env("GIAOLO_ONNXRUNTIME", &library);
        refused("runtime", run, &out, &[library.to_str().unwrap(), "make setup"]);
    }
}

#[test]
fn databases_keys_and_times_that_are_wrong() {
    let bench = Bench::new();
    let none = bench.write("notes.db", &b"not a database\n".repeat(300));
    bench.refuses_args(
        &["--database", none.to_str().unwrap()],
        &["notes.db", "not a giaolo database"],
    );
    let url = "postgres://officer:geheim@127.0.0.1:1/town";
    let run = analyse(&bench.clip.video, &bench.clip.scene, &bench.path("pg"))
        .arg("--database")
        .arg(url)
        .run();
    said_plainly("postgres", &run, &["postgres://officer@127.0.0.1:1/town", "refused"]);
    assert!(!run.stderr.contains("geheim"), "{}", run.stderr);

    let key = bench.path("open.key");
    analyse(&bench.clip.video, &bench.clip.scene, &bench.path("first"))
        .arg("--key")
        .arg(&key)
        .succeed();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    bench.refuses_args(&["--key", key.to_str().unwrap()], &["open.key", "644", "chmod 600"]);
    let broken = bench.write("broken.key", b"secret");
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o600)).unwrap();
    bench.refuses_args(&["--key", broken.to_str().unwrap()], &["broken.key", "not a signing key"]);

    // Arguments that make no sense are told apart by their exit code.
    let run = analyse(&bench.clip.video, &bench.clip.scene, &bench.path("start"))
        .arg("--start")
        .arg("yesterday")
        .run();
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("yesterday") && run.stderr.contains("--start"), "{}", run.stderr);
}

#[test]
fn folders_that_take_nothing() {
    let bench = Bench::new();
    let file = bench.write("file", b"");
    for out in [file.join("out"), file, PathBuf::from("/proc/giaolo")] {
        let run = analyse(&bench.clip.video, &bench.clip.scene, &out);
        said_plainly("out", &run.run(), &[out.to_str().unwrap()]);
    }
    let Some(mounted) = Mounted::new(&bench.path("read-only"), 1 << 20, true) else { return };
    let out = mounted.0.join("out");
    let named = [out.to_str().unwrap(), "Read-only"];
    refused("read-only", analyse(&bench.clip.video, &bench.clip.scene, &out), &out, &named);
}

#[test]
fn two_analyses_in_one_folder() {
    let bench = Bench::new();
    let out = bench.path("out");
    let mut first = analyse(&bench.clip.video, &bench.clip.scene, &out).start();
    while !out.join("tracks.jsonl.partial").exists() && !first.has_ended() {
        std::thread::yield_now();
    }
    let second = analyse(&bench.clip.video, &bench.clip.scene, &out).run();
    let first = first.wait();
    said_plainly("second", &second, &[out.to_str().unwrap(), "in use"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    Results::read(&out).evidence_shows_the_events();
}

/// Disks of every size from "not even a database" over "some of the evidence" on: what was stored
/// is proven, and the same analysis on a larger disk ends well over what the smaller one left.
#[test]
fn disks_that_are_full() {
    let bench = Bench::new();
    let scene = busy_scene(&bench.clip.scene, EVERYWHERE, &bench.path("busy.toml"));
    let run = |out: &Path| analyse(&bench.clip.video, &scene, out).arg("--annotate");
    let calm = bench.path("calm");
    run(&calm).succeed();
    let calm = Results::read(&calm);
    let (mut refused_at, mut halfway) = (Vec::new(), 0);
    for kib in [32, 100, 200, 400, 700, 1000, 1500, 2000, 2500, 3000] {
        let Some(disk) = Mounted::new(&bench.path(&format!("disk-{kib}")), kib << 10, false) else {
            return;
        };
        let out = disk.0.join("out");
        let full = run(&out).run();
        if full.code == Some(0) {
            Results::read(&out).evidence_shows_the_events();
            continue;
        }
        let what = format!("{kib} KiB");
        refused_at.push(kib);
        said_plainly(&what, &full, &[]);
        let said = full.stderr.to_lowercase();
        // SQLite cannot tell a full disk from a broken one where its shared memory does not fit.
        assert!(said.contains("space") || said.contains("disk"), "{what}: {said}");
        nothing_is_half_written(&what, &out);
        let proven = stored_is_proven(&out);
        halfway += usize::from(proven > 0);

        disk.grow(32 << 20);
        run(&out).succeed();
        let results = Results::read(&out);
        results.agree();
        results.evidence_shows_the_events();
        assert_eq!(results.lines, calm.lines, "{what}");
        let new = calm.violations().len() - proven;
        assert_eq!(results.summary["evidence_new"], new, "{what}: proven before, proven again");
    }
    assert!(refused_at.len() >= 4, "full only at {refused_at:?} KiB");
    assert!(halfway >= 2, "never full between the first and the last evidence: {refused_at:?} KiB");
}

/// A small file system of its own in memory. Root alone can mount one.
struct Mounted(PathBuf);

impl Mounted {
    /// `None`, with a plain line, where it cannot be mounted.
    fn new(at: &Path, bytes: usize, read_only: bool) -> Option<Self> {
        fs::create_dir(at).unwrap();
        let flags = if read_only { libc::MS_RDONLY } else { 0 };
        if mount(at, bytes, flags) {
            return Some(Self(at.to_owned()));
        }
        let error = std::io::Error::last_os_error();
        eprintln!(
            "SKIPPED: no file system can be mounted here ({error}); full disks are not tested"
        );
        None
    }

    fn grow(&self, bytes: usize) {
        assert!(mount(&self.0, bytes, libc::MS_REMOUNT), "{}", std::io::Error::last_os_error());
    }
}

fn mount(at: &Path, bytes: usize, flags: libc::c_ulong) -> bool {
    let path = CString::new(at.as_os_str().as_bytes()).unwrap();
    let size = CString::new(format!("size={bytes}")).unwrap();
    let kind = c"tmpfs".as_ptr();
    // SAFETY: every pointer is to a string that ends in NUL and outlives the call.
    let done = unsafe { libc::mount(kind, path.as_ptr(), kind, flags, size.as_ptr().cast()) };
    done == 0
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let path = CString::new(self.0.as_os_str().as_bytes()).unwrap();
        // SAFETY: the string ends in NUL and outlives the call.
        unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
    }
}
