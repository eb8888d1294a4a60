//! Enclaves' flows without an enclave: the commands of `docs/enclaves.md`, run as they stand there, and their refusals.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_identity::sigv4::Signer;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::{Server, kagiban, path, run};

/// The commands in the shell blocks of the document, each on one line.
fn documented() -> Vec<String> {
    let text = include_str!("../../../../docs/enclaves.md").replace("\\\n", " ");
    let mut commands = Vec::new();
    for block in text.split("```sh\n").skip(1) {
        commands.extend(block.split("```").next().unwrap().lines().map(str::to_owned));
    }
    commands
}

/// The arguments of a command of the document; quotes are around whole words only.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in command.split('"').enumerate() {
        match place % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Runs a command of the document in a directory; it must succeed. Gives what it prints.
fn run_in(directory: &Path, command: &str) -> String {
    let words = words(command);
    let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let mut child = match words.first().map(String::as_str) {
        Some("kagiban") => kagiban(&arguments),
        Some("openssl") => {
            let mut child = Command::new("openssl");
            child.args(&arguments);
            child
        }
        _ => panic!("not run here: {command}"),
    };
    let (output, out, err) = run(child.current_dir(directory));
    assert!(output.status.success(), "{command}: {err}");
    out
}

/// Calls an operation with a signed request, as an SDK would.
fn call(server: &Server, operation: &str, input: &Value) -> Result<Value, String> {
    let signer = Signer {
        access_key_id: "test".parse().unwrap(),
        secret_access_key: SecretBytes::from_slice(b"test"),
        security_token: None,
        region: "us-east-1".parse().unwrap(),
        service: "kms",
    };
    let mut request = http::Request::post("/")
        .header("host", &server.address)
        .header("x-amz-target", format!("TrentService.{operation}"))
        .body(input.to_string())
        .unwrap();
    signer.sign(&mut request, SystemClock.now()).unwrap();
    let (head, body) = request.into_parts();
    let mut text = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut stream = server.connect();
    write!(stream, "{text}\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    if head.starts_with("HTTP/1.1 200 ") { Ok(serde_json::from_str(body).unwrap()) } else { Err(body.to_owned()) }
}

fn recipient(document: &Path) -> Value {
    let document = STANDARD.encode(fs::read(document).unwrap());
    json!({"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": document})
}

/// A directory with a root in it, as `make-root` makes it.
fn with_root() -> TempDir {
    let directory = tempdir().unwrap();
    run_in(directory.path(), "kagiban attestation make-root --out trusted");
    directory
}

/// A server in that directory; `arguments` follow `serve --dev`.
fn serve(directory: &Path, arguments: &[&str]) -> Server {
    let all = [&["serve", "--dev"], arguments].concat();
    let mut command = kagiban(&all);
    command.current_dir(directory).env("KAGIBAN_LISTEN", "127.0.0.1:0").env("KAGIBAN_DATA", directory.join("data"));
    Server::start(&mut command)
}

/// Every command of the document works as it stands there; what it does with the AWS CLI is done with signed requests here.
#[test]
fn the_document_works_as_it_is_written() {
    let directory = tempdir().unwrap();
    let directory = directory.path();
    let (mut server, mut key, mut blob) = (None, Value::Null, Value::Null);
    for command in documented() {
        match command.as_str() {
            serving if serving.starts_with("kagiban serve --dev ") => {
                let words = words(serving);
                let arguments: Vec<&str> = words.iter().skip(3).map(String::as_str).collect();
                server = Some(serve(directory, &arguments));
            }
            alias if alias.starts_with("aws kms create-alias ") => {
                let server = server.as_ref().unwrap();
                key = call(server, "CreateKey", &json!({})).unwrap()["KeyMetadata"]["KeyId"].clone();
            }
            generating if generating.starts_with("aws kms generate-data-key ") => {
                let input = json!({
                    "KeyId": key, "KeySpec": "AES_256", "Recipient": recipient(&directory.join("document.bin")),
                });
                let answer = call(server.as_ref().unwrap(), "GenerateDataKey", &input).unwrap();
                assert!(answer["Plaintext"].is_null(), "{answer}");
                let ciphertext = answer["CiphertextForRecipient"].as_str().unwrap();
                fs::write(directory.join("answer.der"), STANDARD.decode(ciphertext).unwrap()).unwrap();
                blob = answer["CiphertextBlob"].clone();
            }
            command => drop(run_in(directory, command)),
        }
    }
    // The plaintext of the blob is what the answer held.
    let server = server.unwrap();
    let plaintext = call(&server, "Decrypt", &json!({"CiphertextBlob": blob})).unwrap();
    let opened = fs::read(directory.join("data-key.bin")).unwrap();
    assert_eq!(opened.len(), 32);
    assert_eq!(plaintext["Plaintext"], STANDARD.encode(&opened));
    // The last document of the page, with registers, data and nonce.
    let input = json!({"CiphertextBlob": blob, "Recipient": recipient(&directory.join("document.bin"))});
    let answer = call(&server, "Decrypt", &input).unwrap();
    fs::write(
        directory.join("answer.der"),
        STANDARD.decode(answer["CiphertextForRecipient"].as_str().unwrap()).unwrap(),
    )
    .unwrap();
    let opening = "openssl cms -decrypt -inform DER -in answer.der -inkey enclave/key.pem -binary -out again.bin";
    run_in(directory, opening);
    assert_eq!(fs::read(directory.join("again.bin")).unwrap(), opened);
}

/// Which servers believe a document: those that were told to, and no other.
#[test]
fn a_document_is_believed_under_its_own_root_only() {
    let (directory, other) = (with_root(), with_root());
    let make = "kagiban attestation make-document --root trusted --generate-key enclave --out document.bin";
    run_in(directory.path(), make);
    fs::copy(other.path().join("trusted/root.pem"), directory.path().join("other.pem")).unwrap();
    for (arguments, is_believed) in [
        (&[][..], false),
        (&["--attestation-root", "aws"], false),
        (&["--attestation-root", "other.pem"], false),
        (&["--attestation-root", "trusted/root.pem"], true),
        (
            &["--attestation-root", "aws", "--attestation-root", "other.pem", "--attestation-root", "trusted/root.pem"],
            true,
        ),
    ] {
        let server = serve(directory.path(), arguments);
        let input = json!({"NumberOfBytes": 32, "Recipient": recipient(&directory.path().join("document.bin"))});
        match call(&server, "GenerateRandom", &input) {
            Ok(answer) => {
                assert!(is_believed && answer["CiphertextForRecipient"].is_string(), "{arguments:?}: {answer}")
            }
            Err(error) => assert!(!is_believed && error.contains("root that is not trusted"), "{arguments:?}: {error}"),
        }
    }
}

#[test]
fn documents_are_base64_on_standard_output_or_bytes_in_a_file() {
    let directory = with_root();
    let make = "kagiban attestation make-document --root trusted";
    let printed = run_in(directory.path(), &format!("{make} --generate-key enclave --user-data hex:c0ffee"));
    let printed = STANDARD.decode(printed.strip_suffix('\n').unwrap()).unwrap();
    let in_der = "openssl pkey -pubin -in enclave/public-key.pem -outform DER -out public-key.der";
    run_in(directory.path(), in_der);
    for public_key in ["enclave/public-key.pem", "public-key.der"] {
        let nothing =
            run_in(directory.path(), &format!("{make} --public-key {public_key} --nonce n --out document.bin"));
        assert_eq!(nothing, "");
        let written = fs::read(directory.path().join("document.bin")).unwrap();
        let key = fs::read(directory.path().join("public-key.der")).unwrap();
        for document in [&printed, &written] {
            assert!(document.windows(key.len()).any(|window| window == key), "{public_key}");
        }
    }
    assert!(printed.windows(3).any(|window| window == b"\xc0\xff\xee"));
}

#[test]
fn private_keys_are_for_their_owner_only() {
    let directory = with_root();
    run_in(directory.path(), "kagiban attestation make-document --root trusted --generate-key enclave");
    for name in ["trusted/root-key.pem", "enclave/key.pem"] {
        let mode = fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    for name in ["trusted", "enclave"] {
        let mode = fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
}

#[test]
fn refusals_of_attestation_say_what_to_do() {
    let directory = with_root();
    let in_directory = |name: &str| path(&directory.path().join(name)).to_owned();
    run_in(directory.path(), "kagiban attestation make-document --root trusted --generate-key enclave");
    run_in(directory.path(), "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out small.pem");
    run_in(directory.path(), "openssl pkey -in small.pem -pubout -out small.pub");
    fs::create_dir(in_directory("mixed")).unwrap();
    let other = with_root();
    fs::copy(in_directory("trusted/root.pem"), in_directory("mixed/root.pem")).unwrap();
    fs::copy(other.path().join("trusted/root-key.pem"), in_directory("mixed/root-key.pem")).unwrap();
    let document = |more: &[&str]| {
        let all = [&["attestation", "make-document", "--root", "trusted"], more].concat();
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let plain = |arguments: &[&str]| arguments.iter().map(ToString::to_string).collect::<Vec<_>>();
    let zeros = "0".repeat(96);
    let (zero, same) = (format!("0={zeros}"), format!("0={zeros}"));
    for (arguments, status, message) in [
        (plain(&["attestation", "make-root", "--out", "trusted"]), 1, "root.pem is there already; nothing was changed"),
        (plain(&["attestation", "make-root"]), 2, "--out"),
        (plain(&["attestation"]), 2, "make-document"),
        (document(&[]), 2, "--public-key <FILE>|--generate-key <DIRECTORY>"),
        (document(&["--generate-key", "a", "--public-key", "b"]), 2, "cannot be used with"),
        (document(&["--generate-key", "enclave"]), 1, "Use it with --public-key, or name another directory"),
        (document(&["--public-key", "nothing"]), 1, "cannot read nothing"),
        (document(&["--public-key", "small.pub"]), 1, "an RSA key of 2048 to 4096 bits"),
        (document(&["--public-key", "enclave/key.pem"]), 1, "is not the public key of a recipient"),
        (document(&["--generate-key", "new", "--pcr", "0=00"]), 2, "not a register"),
        (document(&["--generate-key", "new", "--pcr", &zero, "--pcr", &same]), 1, "register 0 is there twice"),
        (document(&["--generate-key", "new", "--nonce", "hex:0"]), 2, "neither a text nor hex:"),
        (document(&["--generate-key", "new", "--user-data", ""]), 2, "neither a text nor hex:"),
        (plain(&["attestation", "make-document", "--root", "n", "--generate-key", "new"]), 1, "cannot read n/root.pem"),
        (
            plain(&["attestation", "make-document", "--root", "mixed", "--generate-key", "new"]),
            1,
            "mixed holds no root",
        ),
        (plain(&["serve", "--dev", "--attestation-root", "nothing"]), 1, "cannot read nothing"),
        (plain(&["serve", "--dev", "--attestation-root", "small.pub"]), 1, "small.pub cannot be the root"),
        (plain(&["serve", "--dev", "--attestation-root", ""]), 2, "neither aws nor the name of a PEM file"),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = kagiban(&arguments);
        command.current_dir(directory.path()).env("KAGIBAN_DATA", in_directory("data"));
        let (output, out, err) = run(&mut command);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {err}");
        assert!(err.contains(message) && out.is_empty(), "{arguments:?}: {out}{err}");
        assert!(!directory.path().join("new").exists(), "{arguments:?} left something behind");
    }
}
