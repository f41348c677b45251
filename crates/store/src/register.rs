//! The register: units, points, cameras, and every scene that was ever drawn.

use giaolo_domain::{CameraId, UtcTime};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{AuditEntry, Store, StoreError, db::Transaction, value::Value};

/// What kind of unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Phường.
    Ward,
    /// Xã.
    Commune,
}

/// A ward or commune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name, Vietnamese.
    pub name: String,
    /// Ward or commune.
    pub kind: UnitKind,
    /// The ward that took over on 1 July 2025.
    pub successor: Option<String>,
}

/// A place with cameras.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its code in the town's register (`TU15`).
    pub id: String,
    /// Its name, Vietnamese.
    pub name: String,
    /// The unit it lies in, by name.
    pub unit: Option<String>,
    /// Latitude and longitude in degrees (WGS 84), where surveyed.
    pub position: Option<(f64, f64)>,
}

/// A camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// Its code (`TU15-C1`).
    pub id: CameraId,
    /// The point it stands at.
    pub point: Option<String>,
    /// What it is for, in the operator's words.
    pub role: Option<String>,
}

/// What is written into the register together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Register {
    /// Units.
    pub units: Vec<Unit>,
    /// Points; their units are in this register or were there before.
    pub points: Vec<Point>,
    /// Cameras; their points are in this register or were there before.
    pub cameras: Vec<Camera>,
}

/// One scene file as it was, and who put it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SceneVersion {
    /// Whose picture.
    pub camera: CameraId,
    /// SHA-256 of `toml`, lower-case hexadecimal.
    pub sha256: String,
    /// The whole file.
    pub toml: String,
    /// When it was put.
    pub created_at: UtcTime,
    /// Who put it.
    pub who: String,
    /// Why it was changed.
    pub note: String,
}

impl Store {
    /// Adds or changes units, points and cameras, all or none. What is not named stays as it is.
    pub async fn upsert_points_and_cameras(&self, register: &Register) -> Result<(), StoreError> {
        let mut transaction = self.database.begin("writing the register").await?;
        self.write_register(&mut transaction, register).await?;
        transaction.commit().await
    }

    pub(crate) async fn write_register(
        &self,
        transaction: &mut Transaction<'_>,
        register: &Register,
    ) -> Result<(), StoreError> {
        for unit in &register.units {
            let sql = "INSERT INTO units (name, kind, successor) VALUES ($1, $2, $3)
                       ON CONFLICT (name) DO UPDATE
                       SET kind = excluded.kind, successor = excluded.successor";
            let values = vec![
                Value::text(&unit.name),
                Value::word(unit.kind)?,
                Value::Text(unit.successor.clone()),
            ];
            transaction.execute(sql, values).await?;
        }
        for point in &register.points {
            let sql = "INSERT INTO points (id, name, unit, latitude, longitude)
                       VALUES ($1, $2, $3, $4, $5)
                       ON CONFLICT (id) DO UPDATE
                       SET name = excluded.name, unit = excluded.unit,
                           latitude = excluded.latitude, longitude = excluded.longitude";
            let values = vec![
                Value::text(&point.id),
                Value::text(&point.name),
                Value::Text(point.unit.clone()),
                Value::Real(point.position.map(|(latitude, _)| latitude)),
                Value::Real(point.position.map(|(_, longitude)| longitude)),
            ];
            transaction.execute(sql, values).await?;
        }
        for camera in &register.cameras {
            let sql = "INSERT INTO cameras (id, point, role) VALUES ($1, $2, $3)
                       ON CONFLICT (id) DO UPDATE
                       SET point = excluded.point, role = excluded.role";
            let values = vec![
                Value::text(camera.id.as_str()),
                Value::Text(camera.point.clone()),
                Value::Text(camera.role.clone()),
            ];
            transaction.execute(sql, values).await?;
        }
        // Whose cases they are changes with the register.
        let unit = "SELECT p.unit FROM cameras k JOIN points p ON p.id = k.point
                    WHERE k.id = cases.camera";
        let sql = format!("UPDATE cases SET unit = ({unit}) WHERE unit IS DISTINCT FROM ({unit})");
        transaction.execute(sql, Vec::new()).await.map(drop)
    }

    /// Every camera, by id.
    pub async fn cameras(&self) -> Result<Vec<Camera>, StoreError> {
        let db = &self.database;
        let sql = "SELECT id, point, role FROM cameras ORDER BY id";
        let rows = db.fetch("reading cameras", sql, Vec::new()).await?;
        rows.iter()
            .map(|row| {
                Ok(Camera {
                    id: CameraId::new(db.text(row, "id")?),
                    point: db.maybe_text(row, "point")?,
                    role: db.maybe_text(row, "role")?,
                })
            })
            .collect()
    }

    /// Keeps a scene, and says so in the audit log; one that is there already stays as it was put
    /// first. A camera that nobody has registered is added to the register.
    ///
    /// # Errors
    /// [`StoreError::Value`] where `sha256` is not the hash of `toml`.
    pub async fn put_scene_version(&self, scene: &SceneVersion) -> Result<(), StoreError> {
        let real = format!("{:x}", Sha256::digest(scene.toml.as_bytes()));
        if real != scene.sha256 {
            return Err(StoreError::Value {
                what: format!("scene version {} of camera `{}`", scene.sha256, scene.camera),
                problem: format!("the hash of its text is {real}"),
            });
        }
        let mut transaction = self.database.begin("putting a scene version").await?;
        transaction.lock_chains().await?;
        add_camera(&mut transaction, &scene.camera).await?;
        let sql = "INSERT INTO scene_versions (camera, sha256, toml, created_at_us, who, note)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (camera, sha256) DO NOTHING";
        let values = vec![
            Value::text(scene.camera.as_str()),
            Value::text(&scene.sha256),
            Value::text(&scene.toml),
            Value::time(scene.created_at),
            Value::text(&scene.who),
            Value::text(&scene.note),
        ];
        if transaction.execute(sql, values).await? > 0 {
            let entry = AuditEntry {
                at: scene.created_at,
                who: scene.who.clone(),
                action: "scene.put".to_owned(),
                subject: scene.camera.as_str().to_owned(),
                detail: json!({ "sha256": scene.sha256, "note": scene.note }),
            };
            self.append(&mut transaction, &entry).await?;
        }
        transaction.commit().await
    }

    /// The scene versions of a camera, oldest first.
    pub async fn scene_versions(&self, camera: &CameraId) -> Result<Vec<SceneVersion>, StoreError> {
        let db = &self.database;
        let sql = "SELECT sha256, toml, created_at_us, who, note FROM scene_versions
                   WHERE camera = $1 ORDER BY created_at_us, sha256";
        let values = vec![Value::text(camera.as_str())];
        let rows = db.fetch("reading scene versions", sql, values).await?;
        rows.iter()
            .map(|row| {
                Ok(SceneVersion {
                    camera: camera.clone(),
                    sha256: db.text(row, "sha256")?,
                    toml: db.text(row, "toml")?,
                    created_at: db.time(row, "created_at_us")?,
                    who: db.text(row, "who")?,
                    note: db.text(row, "note")?,
                })
            })
            .collect()
    }
}

async fn add_camera(
    transaction: &mut Transaction<'_>,
    camera: &CameraId,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO cameras (id) VALUES ($1) ON CONFLICT (id) DO NOTHING";
    let values = vec![Value::text(camera.as_str())];
    transaction.execute(sql, values).await.map(drop)
}
