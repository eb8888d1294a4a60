//! Virtual MFA devices, with codes as an authenticator shows them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::time::Clock;
use kagiban_identity::totp::{STEP_MS, code_at};
use kagiban_testkit::base32_decoded;

use crate::support::{Answer, Client, World, allow};

const ARN: &str = "arn:aws:iam::111122223333:mfa";

/// An authenticator: the seed as it is typed in.
struct Authenticator {
    serial: String,
    seed: Vec<u8>,
}

impl Authenticator {
    async fn new(client: &Client<'_>, name: &str) -> Self {
        Self::of(&client.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]).await.unwrap())
    }

    fn of(answer: &Answer) -> Self {
        let text = |name: &str| answer.text(&format!("VirtualMFADevice/{name}"));
        let typed = STANDARD.decode(text("Base32StringSeed")).unwrap();
        assert_eq!(typed.len(), 64);
        Self { serial: text("SerialNumber"), seed: base32_decoded(&typed) }
    }

    /// The code that is shown so many steps from now.
    fn code(&self, world: &World, steps: i64) -> String {
        let code = code_at(&self.seed, world.clock.now().plus_ms(steps * STEP_MS)).unwrap();
        String::from_utf8(code.to_vec()).unwrap()
    }
}

/// The parameters of an operation with two codes.
fn codes<'a>(user: &'a str, serial: &'a str, one: &'a str, two: &'a str) -> [(&'a str, &'a str); 4] {
    [("UserName", user), ("SerialNumber", serial), ("AuthenticationCode1", one), ("AuthenticationCode2", two)]
}

#[tokio::test]
async fn a_device_goes_through_its_life() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    admin.iam("CreateUser", &[("UserName", "ann")]).await.unwrap();
    let device = Authenticator::new(&admin, "ann").await;
    assert_eq!(device.serial, format!("{ARN}/ann"));
    let listed = async |status: &str| {
        let answer = admin.iam("ListVirtualMFADevices", &[("AssignmentStatus", status)]).await.unwrap();
        assert!(!answer.has("VirtualMFADevices/member/Base32StringSeed"));
        let member = "VirtualMFADevices/member";
        (answer.texts(&format!("{member}/SerialNumber")), answer.texts(&format!("{member}/User/UserName")))
    };
    assert_eq!(listed("Unassigned").await, (vec![device.serial.clone()], vec![]));
    assert_eq!(listed("Assigned").await, (vec![], vec![]));
    let (one, two) = (device.code(&world, -1), device.code(&world, 0));
    admin.iam("EnableMFADevice", &codes("ann", &device.serial, &one, &two)).await.unwrap();
    assert_eq!(listed("Assigned").await, (vec![device.serial.clone()], vec!["ann".to_owned()]));
    assert_eq!(listed("Any").await.0.len(), 1);
    let of_ann = [("UserName", "ann"), ("SerialNumber", device.serial.as_str())];
    let shown = admin.iam("GetMFADevice", &of_ann).await.unwrap();
    assert_eq!(shown.text("EnableDate"), "2026-11-21T12:00:00Z");
    let list = admin.iam("ListMFADevices", &[("UserName", "ann")]).await.unwrap();
    assert_eq!(list.texts("MFADevices/member/SerialNumber"), [device.serial.as_str()]);
    assert!(!admin.iam("ListMFADevices", &[]).await.unwrap().has("MFADevices/member"));
    let (three, four) = (device.code(&world, 1), device.code(&world, 2));
    let in_use = "MFA VirtualDevice in use. Must deactivate first.";
    admin
        .refused(&[
            ("DeleteVirtualMFADevice", &of_ann[1..], "DeleteConflict", in_use),
            ("DeleteUser", &of_ann[..1], "DeleteConflict", "Cannot delete entity, must delete MFA device first."),
            (
                "EnableMFADevice",
                &codes("admin", &device.serial, &three, &four),
                "EntityAlreadyExists",
                "MFA Device is already in use.",
            ),
            (
                "ResyncMFADevice",
                &codes("admin", &device.serial, &three, &four),
                "NoSuchEntity",
                "MFA Device invalid for user.",
            ),
            (
                "DeactivateMFADevice",
                &[("SerialNumber", &device.serial)],
                "NoSuchEntity",
                "MFA Device invalid for user.",
            ),
            ("GetMFADevice", &[("SerialNumber", &device.serial)], "NoSuchEntity", "MFA Device invalid for user."),
        ])
        .await;
    admin.iam("DeactivateMFADevice", &of_ann).await.unwrap();
    assert_eq!(listed("Unassigned").await.0.len(), 1);
    // The codes that were taken are not taken again.
    let invalid = ("InvalidAuthenticationCode", "Authentication code for device is not valid.");
    admin.refused(&[("EnableMFADevice", &codes("ann", &device.serial, &one, &two), invalid.0, invalid.1)]).await;
    admin.iam("DeleteVirtualMFADevice", &of_ann[1..]).await.unwrap();
    admin.iam("DeleteUser", &of_ann[..1]).await.unwrap();
    assert_eq!(listed("Any").await.0.len(), 0);
}

#[tokio::test]
async fn wrong_codes_enable_nothing() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let device = Authenticator::new(&admin, "d").await;
    let other = Authenticator::new(&admin, "e").await;
    let shown = |steps| device.code(&world, steps);
    let invalid = ("InvalidAuthenticationCode", "Authentication code for device is not valid.");
    for (one, two) in [
        (shown(0), shown(0)),
        (shown(0), shown(-1)),
        (shown(-1), shown(1)),
        (shown(-3), shown(-2)),
        (shown(2), shown(3)),
        (other.code(&world, -1), other.code(&world, 0)),
    ] {
        let parameters = codes("admin", &device.serial, &one, &two);
        admin.refused(&[("EnableMFADevice", &parameters, invalid.0, invalid.1)]).await;
        let refused = admin.iam("EnableMFADevice", &parameters).await.unwrap_err();
        assert_eq!(refused.status, 403);
    }
    let malformed = codes("admin", &device.serial, "12345", "12345a");
    admin.refused(&[("EnableMFADevice", &malformed, "ValidationError", "...")]).await;
    assert!(!admin.iam("ListMFADevices", &[]).await.unwrap().has("MFADevices/member"));
    let (one, two) = (shown(-1), shown(0));
    admin.iam("EnableMFADevice", &codes("admin", &device.serial, &one, &two)).await.unwrap();
    // The device's clock is five minutes late from now on.
    world.clock.move_by_ms(20 * STEP_MS);
    let (one, two) = (shown(-10), shown(-9));
    admin.iam("ResyncMFADevice", &codes("admin", &device.serial, &one, &two)).await.unwrap();
    admin.refused(&[("ResyncMFADevice", &codes("admin", &device.serial, &one, &two), invalid.0, invalid.1)]).await;
    world.clock.move_by_ms(2 * STEP_MS);
    let code = shown(-9);
    let session = [("SerialNumber", device.serial.as_str()), ("TokenCode", code.as_str())];
    admin.sts("GetSessionToken", &session).await.unwrap();
    assert_eq!(admin.sts("GetSessionToken", &session).await.unwrap_err().code, "AccessDenied", "a code counts once");
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    Authenticator::new(&admin, "d").await;
    let none = format!("{ARN}/none");
    let missing = format!("VirtualMFADevice with serial number {none} doesn't exist.");
    let (foreign, china) = ("arn:aws:iam::444455556666:mfa/d", "arn:aws-cn:iam::111122223333:mfa/d");
    let twice = "MFADevice entity at the same path and name already exists.";
    let long = "a".repeat(226);
    admin
        .refused(&[
            ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "d")], "EntityAlreadyExists", twice),
            ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "a b")], "ValidationError", "..."),
            (
                "CreateVirtualMFADevice",
                &[("VirtualMFADeviceName", &long), ("Path", "/some/path/")],
                "ValidationError",
                "...",
            ),
            ("CreateVirtualMFADevice", &[("VirtualMFADeviceName", &(long.clone() + "a"))], "ValidationError", "..."),
            ("DeleteVirtualMFADevice", &[("SerialNumber", &none)], "NoSuchEntity", &missing),
            ("DeleteVirtualMFADevice", &[("SerialNumber", foreign)], "NoSuchEntity", "..."),
            ("DeleteVirtualMFADevice", &[("SerialNumber", china)], "NoSuchEntity", "..."),
            ("DeleteVirtualMFADevice", &[("SerialNumber", "GAHT12345678")], "NoSuchEntity", "..."),
            ("EnableMFADevice", &codes("admin", &none, "000000", "000001"), "NoSuchEntity", &missing),
            (
                "EnableMFADevice",
                &codes("eve", &none, "000000", "000001"),
                "NoSuchEntity",
                "The user with name eve cannot be found.",
            ),
            ("GetMFADevice", &[("SerialNumber", &none)], "NoSuchEntity", "MFA Device invalid for user."),
            ("ListMFADevices", &[("UserName", "eve")], "NoSuchEntity", "The user with name eve cannot be found."),
            ("ListVirtualMFADevices", &[("AssignmentStatus", "Some")], "ValidationError", "..."),
            ("ListVirtualMFADevices", &[("Marker", "x")], "ValidationError", "Invalid Marker."),
        ])
        .await;
}

#[tokio::test]
async fn devices_are_listed_in_pages_and_tagged() {
    let world = World::new().await;
    let admin = world.user("admin", &allow("iam:*", "*")).await;
    let long = "z".repeat(200);
    for (name, path) in [("b", "/"), ("a", "/x/"), ("c", "/"), (long.as_str(), "/")] {
        let parameters =
            [("VirtualMFADeviceName", name), ("Path", path), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
        let made = admin.iam("CreateVirtualMFADevice", &parameters).await.unwrap();
        assert_eq!(made.texts("VirtualMFADevice/Tags/member/Key"), ["k"]);
    }
    for size in ["1", "2", "3", "4"] {
        let (mut serials, mut marker) = (Vec::new(), None::<String>);
        loop {
            let mut parameters = vec![("AssignmentStatus", "Unassigned"), ("MaxItems", size)];
            parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let page = admin.iam("ListVirtualMFADevices", &parameters).await.unwrap();
            serials.extend(page.texts("VirtualMFADevices/member/SerialNumber"));
            if !page.has("Marker") {
                break;
            }
            marker = Some(page.text("Marker"));
        }
        let expected = ["/b", "/c", "/x/a", &format!("/{long}")].map(|name| format!("{ARN}{name}"));
        assert_eq!(serials, expected, "by {size}");
    }
    let serial = format!("{ARN}/x/a");
    let serial = ("SerialNumber", serial.as_str());
    let tag = [serial, ("Tags.member.1.Key", "K"), ("Tags.member.1.Value", "w")];
    admin.iam("TagMFADevice", &tag).await.unwrap();
    let tags = admin.iam("ListMFADeviceTags", &[serial]).await.unwrap();
    assert_eq!((tags.texts("Tags/member/Key"), tags.texts("Tags/member/Value")), (vec!["K".into()], vec!["w".into()]));
    admin.iam("UntagMFADevice", &[serial, ("TagKeys.member.1", "k")]).await.unwrap();
    assert!(!admin.iam("ListMFADeviceTags", &[serial]).await.unwrap().has("Tags/member"));
}

#[tokio::test]
async fn root_has_a_device_too() {
    let world = World::new().await;
    let root = world.root();
    let device = Authenticator::new(&root, "root-account-mfa-device").await;
    let (one, two) = (device.code(&world, 0), device.code(&world, 1));
    root.iam("EnableMFADevice", &codes("root", &device.serial, &one, &two)).await.unwrap();
    let summary = root.iam("GetAccountSummary", &[]).await.unwrap();
    let entry = |key: &str| {
        let at = summary.texts("SummaryMap/entry/key").iter().position(|name| name == key).unwrap();
        summary.texts("SummaryMap/entry/value").into_iter().nth(at).unwrap()
    };
    assert_eq!((entry("AccountMFAEnabled"), entry("MFADevicesInUse")), ("1".to_owned(), "1".to_owned()));
    let list = root.iam("ListMFADevices", &[]).await.unwrap();
    assert_eq!(list.texts("MFADevices/member/SerialNumber"), [device.serial.as_str()]);
    let all = root.iam("ListVirtualMFADevices", &[("AssignmentStatus", "Assigned")]).await.unwrap();
    assert_eq!(all.text("VirtualMFADevices/member/User/Arn"), "arn:aws:iam::111122223333:root");
    // A user of that name does not get at it.
    let user = world.user("root", &allow("iam:*", "*")).await;
    let serial = [("SerialNumber", device.serial.as_str())];
    user.refused(&[("DeactivateMFADevice", &serial, "NoSuchEntity", "MFA Device invalid for user.")]).await;
    root.iam("DeactivateMFADevice", &serial).await.unwrap();
    assert!(!root.iam("ListMFADevices", &[]).await.unwrap().has("MFADevices/member"));
}

#[tokio::test]
async fn the_picture_is_a_picture() {
    let world = World::new().await;
    world.root().iam("CreateAccountAlias", &[("AccountAlias", "my-team")]).await.unwrap();
    let made = world.root().iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "ann")]).await.unwrap();
    let png = STANDARD.decode(made.text("VirtualMFADevice/QRCodePNG")).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.color_type), (info.height, png::ColorType::Grayscale));
    let row = usize::try_from(info.width).unwrap().div_ceil(8);
    let is_dark = |x: usize, y: usize| pixels.get(y * row + x / 8).unwrap() >> (7 - x % 8) & 1 == 0;
    // Light around it, and a finder pattern of seven modules in the corner: dark, light, three dark, light, dark.
    let module = |x: usize, y: usize| is_dark(x * 4 + 2, y * 4 + 2);
    assert!((0..4).all(|at| !module(at, at) && !module(at, 12)));
    let finder: Vec<bool> = (4..11).map(|x| module(x, 7)).collect();
    assert_eq!(finder, [true, false, true, true, true, false, true]);
    let side = usize::try_from(info.width).unwrap() / 4 - 8;
    assert!((side - 17) % 4 == 0, "{side} modules are no QR code");
    let expected = qrcode::QrCode::new(uri(&Authenticator::of(&made))).unwrap();
    assert_eq!(side, expected.width());
    let drawn: Vec<bool> = (0..side * side).map(|at| module(4 + at % side, 4 + at / side)).collect();
    let wanted: Vec<bool> = expected.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
    assert_eq!(drawn, wanted);
}

fn uri(device: &Authenticator) -> Vec<u8> {
    kagiban_identity::totp::otpauth_uri(&device.seed, "ann", "my-team").expose().to_vec()
}
