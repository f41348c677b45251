//! The register and scene versions.

use std::sync::Arc;

use super::samples::{SCENE, at, scene, sha256};
use crate::{Camera, Point, Register, Store, StoreError, Unit, UnitKind};

fn register() -> Register {
    Register {
        units: vec![Unit {
            name: "Thái Hòa".to_owned(),
            kind: UnitKind::Ward,
            successor: Some("Tân Khánh".to_owned()),
        }],
        points: vec![Point {
            id: "TU01".to_owned(),
            name: "Ngã tư Miếu Ông Cù".to_owned(),
            unit: Some("Thái Hòa".to_owned()),
            position: Some((10.972, 106.746)),
        }],
        cameras: vec![
            Camera {
                id: "TU01-C1".into(),
                point: Some("TU01".to_owned()),
                role: Some("nhìn từ phía sau".to_owned()),
            },
            Camera { id: "TU01-C2".into(), point: Some("TU01".to_owned()), role: None },
        ],
    }
}

pub(super) async fn changes_and_keeps(store: Arc<Store>) {
    store.upsert_points_and_cameras(&register()).await.unwrap();
    let mut change = register();
    change.units.clear();
    change.points.clear();
    change.cameras.remove(0);
    change.cameras[0].role = Some("toàn cảnh".to_owned());
    store.upsert_points_and_cameras(&change).await.unwrap();
    let expected = [register().cameras[0].clone(), change.cameras[0].clone()];
    assert_eq!(store.cameras().await.unwrap(), expected);
}

pub(super) async fn all_or_nothing(store: Arc<Store>) {
    let mut without_point = register();
    without_point.points.clear();
    let mut half_a_position = register();
    half_a_position.points[0].position = Some((95.0, 106.0));
    let mut not_finite = register();
    not_finite.points[0].position = Some((f64::NAN, 106.0));
    for wrong in [without_point, half_a_position, not_finite] {
        assert!(store.upsert_points_and_cameras(&wrong).await.is_err(), "{wrong:?}");
        assert_eq!(store.cameras().await.unwrap(), []);
    }
}

pub(super) async fn scene_versions_stay(store: Arc<Store>) {
    let first = scene("TU15-C1");
    store.put_scene_version(&first).await.unwrap();
    let mut again = first.clone();
    again.who = "somebody else".to_owned();
    store.put_scene_version(&again).await.unwrap();
    let mut second = first.clone();
    second.toml = format!("{SCENE}# vạch mới\n");
    second.sha256 = sha256(&second.toml);
    second.created_at = at("2026-11-25T00:00:00Z");
    store.put_scene_version(&second).await.unwrap();

    let versions = store.scene_versions(&first.camera).await.unwrap();
    assert_eq!(versions, [first.clone(), second]);
    // Twice put, not three times: the second time nothing changed.
    let audit = store.audit_entries(0, 10).await.unwrap();
    let actions: Vec<&str> = audit.iter().map(|a| a.entry.action.as_str()).collect();
    assert_eq!(actions, ["scene.put", "scene.put"]);

    let mut forged = first;
    forged.toml.push('#');
    let error = store.put_scene_version(&forged).await.unwrap_err();
    assert!(matches!(error, StoreError::Value { .. }), "{error}");
}
