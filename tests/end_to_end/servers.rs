//! `analyse` into a real PostgreSQL.

use giaolo_evidence::{VerifyOptions, verify};
use giaolo_tests::{
    footage::demo_clips,
    postgres::{PASSWORD, Server},
    program::analyse,
    results::Results,
};

#[test]
fn postgresql_holds_what_the_files_say() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let [clip, other] = demo_clips();
    let out = folder.path().join("out");
    for new in [1, 0] {
        analyse(&clip.video, &clip.scene, &out).arg("--database").arg(server.url()).succeed();
        let results = Results::read(&out);
        results.agree();
        results.agree_with(&server.url());
        results.evidence_shows_the_events();
        assert_eq!(results.summary["evidence_new"], new);
        assert!(!out.join("giaolo.db").exists(), "two databases");
    }
    // One database has one chain, so its evidence lies in one place.
    let apart = folder.path().join("apart");
    let analyse_apart =
        || analyse(&other.video, &other.scene, &apart).arg("--database").arg(server.url());
    let refused = analyse_apart().run();
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--evidence"), "{}", refused.stderr);
    let evidence = out.join("evidence");
    analyse_apart().arg("--evidence").arg(&evidence).succeed();
    let report = verify(&evidence, &VerifyOptions::default()).unwrap();
    assert!(report.is_good(), "{report:?}");
    assert_eq!(report.evidence.len(), 2);

    // The environment says it too, and a password that is wrong is never shown.
    let wrong = server.url().replace(PASSWORD, "sai-mat-khau");
    let run = analyse(&clip.video, &clip.scene, &folder.path().join("refused"))
        .env("GIAOLO_DATABASE", &wrong)
        .run();
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("127.0.0.1"), "{}", run.stderr);
    assert!(!run.stderr.contains("sai-mat-khau"), "{}", run.stderr);
}
