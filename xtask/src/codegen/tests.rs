//! The generator takes models of other protocols, refuses what it cannot express, and its output is fresh.

use super::ir::{Operation, Protocol, Shape};
use super::*;

/// A made-up service of the Query protocol, in the SDKs' form: full references, error codes, wrapped results.
const TOLLBOOTH: &str = r#"{
    "metadata": {"apiVersion": "2020-02-30", "protocol": "query", "xmlNamespace": "https://tollbooth.example/"},
    "operations": {
        "OpenGate": {
            "name": "OpenGate", "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "OpenGateRequest"},
            "output": {"shape": "OpenGateResponse", "resultWrapper": "OpenGateResult"},
            "errors": [{"shape": "GateStuckException"}]
        },
        "CloseGate": {"input": {"shape": "CloseGateRequest"}}
    },
    "shapes": {
        "CloseGateRequest": {"type": "structure", "members": {"Type": {"shape": "GateName", "deprecated": true}}},
        "Coin": {"type": "structure", "required": ["Value"], "members": {"Value": {"shape": "Cents"}, "MintedAt": {"shape": "Instant"}}},
        "Cents": {"type": "long", "min": 1},
        "Coins": {"type": "list", "member": {"shape": "Coin"}, "max": 3, "flattened": true},
        "GateKind": {"type": "string", "enum": ["ONE_WAY", "TWO_WAY"]},
        "GateName": {"type": "string", "min": 1, "max": 8, "pattern": "[a-z]+"},
        "GateStuckException": {"type": "structure", "members": {}, "exception": true, "error": {"code": "GateStuck", "httpStatusCode": 409, "senderFault": true}},
        "Instant": {"type": "timestamp"},
        "OpenGateRequest": {"type": "structure", "required": ["Gate", "Kind"], "members": {
            "Gate": {"shape": "GateName", "locationName": "gate"}, "Kind": {"shape": "GateKind"},
            "Coins": {"shape": "Coins"}, "Pin": {"shape": "Pin"}
        }},
        "OpenGateResponse": {"type": "structure", "members": {"Coins": {"shape": "Coins"}}},
        "Pin": {"type": "string", "sensitive": true}
    }
}"#;

#[test]
fn generated_files_are_fresh() {
    if let Err(stale) = check() {
        panic!("{stale}");
    }
}

#[test]
fn a_query_model_becomes_ir() {
    let service = model::parse_text(TOLLBOOTH).unwrap();
    let namespace = "https://tollbooth.example/".to_owned();
    assert_eq!(service.protocol, Protocol::Query { version: "2020-02-30".to_owned(), namespace });
    assert_eq!(
        service.operations.first(),
        Some(&Operation {
            name: "OpenGate".to_owned(),
            input: Some("OpenGateRequest".to_owned()),
            output: Some("OpenGateResponse".to_owned()),
            result_wrapper: Some("OpenGateResult".to_owned()),
            errors: vec!["GateStuck".to_owned()],
        })
    );
    assert!(matches!(service.shape("Coins"), Shape::List { flattened: true, .. }));
    let Shape::Structure { members } = service.shape("OpenGateRequest") else { panic!("no structure") };
    assert_eq!(members[0].wire_name.as_deref(), Some("gate"));
    assert!(service.holds_secrets("OpenGateRequest") && !service.holds_secrets("OpenGateResponse"));
}

#[test]
fn types_do_not_depend_on_the_protocol() {
    let service = model::parse_text(TOLLBOOTH).unwrap();
    let structures = types::emit_structures(&service).unwrap();
    for line in [
        "#[derive(Clone, Debug, Default, Eq, PartialEq)]\npub struct CloseGateRequest {",
        "#[derive(Debug)]\npub struct OpenGateRequest {",
        "    pub type_: Option<String>,",
        "    pub gate: String,",
        "    pub kind: GateKind,",
        "    pub coins: Option<Vec<Coin>>,",
        "    pub pin: Option<SecretBytes>,",
        "    pub value: i64,",
        "    pub minted_at: Option<Timestamp>,",
    ] {
        assert!(structures.contains(line), "{line} is not in\n{structures}");
    }
    assert!(types::emit_enums(&service).contains("OneWay = \"ONE_WAY\","));
    assert!(operations::emit(&service).contains("pub const VERSION: &str = \"2020-02-30\";"));
    assert!(errors::emit(&service, &CommonErrors::new()).contains("Self::GateStuck => 409,"));
}

#[test]
fn the_query_codec_follows_names_and_forms_of_the_model() {
    let text = TOLLBOOTH.replace("long", "integer").replace(r#""CloseGate": {"#, r#""RingBell": {}, "CloseGate": {"#);
    let codec = query::emit(&model::parse_text(&text).unwrap()).unwrap();
    for line in [
        "    const ENVELOPE: Envelope = Envelope::new(\"OpenGate\", NAMESPACE);\n    type Output = OpenGateResponse;",
        "impl QueryInput for RingBellRequest {",
        "reader.required(node, at, \"gate\", |r, node, at| r.text(node, at, &GATE_NAME))?;",
        "reader.optional(node, at, \"Coins\", |r, node, at| r.structures(node.list(\"\"), at, &COINS))?;",
        "reader.optional(node, at, \"Pin\", |r, node, at| r.secret_text(node, at, &PIN))?;",
        "xml.elements(\"Coins\", value, |xml, value| value.encode_to(xml));",
        "xml.element(\"MintedAt\", |xml| xml.timestamp(*value));",
        "xml.element(\"Value\", |xml| xml.integer(self.value));",
    ] {
        assert!(codec.contains(line), "{line} is not in\n{codec}");
    }
    let codec = query::emit(&model::parse_text(&text.replace(r#", "flattened": true"#, "")).unwrap()).unwrap();
    for line in [
        "r.structures(node.list(\"member\"), at, &COINS))?;",
        "xml.element(\"Coins\", |xml| xml.elements(\"member\", value, |xml, value| value.encode_to(xml)));",
    ] {
        assert!(codec.contains(line), "{line} is not in\n{codec}");
    }
}

#[test]
fn a_pattern_without_function_is_an_error() {
    let service = model::parse_text(TOLLBOOTH).unwrap();
    assert!(matches!(limits::emit(&service, &Patterns::new()), Err(CodegenError::UnknownPattern(_))));
}

#[test]
fn names_that_become_equal_are_an_error() {
    for (from, to, is_type) in [
        ("GateKind", "coin", true),
        ("GateKind", "timestamp", true),
        ("Coin\"", "Path\"", true),
        ("GateName", "coins", false),
    ] {
        let text = TOLLBOOTH
            .replace(from, to)
            .replace(r#"{"type": "string", "min": 1, "max": 8, "pattern": "[a-z]+"}"#, r#"{"type": "string"}"#);
        let service = model::parse_text(&text).unwrap();
        assert_eq!(types::emit_structures(&service).is_err(), is_type, "{to}");
        assert_eq!(limits::emit(&service, &Patterns::new()).is_err(), !is_type, "{to}");
    }
}

#[test]
fn what_is_not_understood_is_an_error() {
    for (from, to) in [
        (r#""protocol": "query""#, r#""protocol": "smoke-signals""#),
        (r#""type": "timestamp""#, r#""type": "sundial""#),
        (r#""type": "timestamp""#, r#""type": "timestamp", "timezone": "local""#),
        (r#""type": "long", "min": 1"#, r#""type": "long", "pattern": "7""#),
        (r#""type": "long", "min": 1"#, r#""type": "long", "sensitive": true"#),
        (r#"{"shape": "Cents"}"#, r#"{"shape": "Dollars"}"#),
        (r#"{"shape": "Cents"}"#, r#"{"shape": "Coin"}"#),
        (r#""required": ["Value"]"#, r#""required": ["Worth"]"#),
        (r#"{"shape": "CloseGateRequest"}"#, r#"{"shape": "GateName"}"#),
        (r#"[{"shape": "GateStuckException"}]"#, r#"[{"shape": "Coin"}]"#),
        (r#""member": {"shape": "Coin"}"#, r#""member": {"shape": "Coin", "locationName": "item"}"#),
        (r#", "xmlNamespace": "https://tollbooth.example/""#, ""),
    ] {
        assert!(TOLLBOOTH.contains(from), "{from}");
        assert!(model::parse_text(&TOLLBOOTH.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn shapes_that_the_query_codec_cannot_carry_are_errors() {
    for (from, to) in [
        (r#""long""#, r#""long""#),
        (r#""type": "timestamp""#, r#""type": "list", "member": "Pin""#),
        (r#""type": "timestamp""#, r#""type": "map", "key": "GateName", "value": "GateName""#),
        (r#""resultWrapper": "OpenGateResult""#, r#""resultWrapper": "Opened""#),
    ] {
        let text = TOLLBOOTH.replace(from, to);
        let text = if from == to { text } else { text.replace("long", "integer") };
        assert!(query::emit(&model::parse_text(&text).unwrap()).is_err(), "{to}");
    }
}

/// The JSON codec of a model that it can express but for one shape.
#[test]
fn shapes_that_the_codec_cannot_read_are_errors() {
    let as_json = |text: &str| {
        let protocol = r#""protocol": "json", "jsonVersion": "1.1", "targetPrefix": "Toll""#;
        text.replace(r#""protocol": "query""#, protocol).replace(r#""type": "long""#, r#""type": "integer""#)
    };
    let service = model::parse_text(&as_json(TOLLBOOTH)).unwrap();
    assert!(json::emit(&service).unwrap().contains(r#""gate" => gate = object.member(0, "gate""#));
    for (from, to) in [
        (r#""type": "timestamp""#, r#""type": "list", "member": "Pin""#),
        (r#""type": "timestamp""#, r#""type": "map", "key": "GateName", "value": "GateName""#),
        (r#""type": "integer""#, r#""type": "long""#),
    ] {
        let service = model::parse_text(&as_json(TOLLBOOTH).replacen(from, to, 1)).unwrap();
        assert!(matches!(json::emit(&service), Err(CodegenError::Shape { .. })), "{to}");
    }
}

/// What the generator says to a table that shows these members of OpenGateRequest.
fn shown(members: &str, more: &str) -> Result<String, String> {
    let service = model::parse_text(TOLLBOOTH).unwrap();
    let table = format!(
        r#"{{"note": "", "never": ["GateName"], "readOnly": ["CloseGate"], "members": {{
            "CloseGateRequest": [], "OpenGateResponse": [], "OpenGateRequest": [{members}]{more} }} }}"#
    );
    audit::emit(&service, &serde_json::from_str(&table).unwrap()).map_err(|error| error.to_string())
}

#[test]
fn audit_records_show_what_is_listed_and_no_secret() {
    let text = shown(r#""Kind""#, "").unwrap();
    assert!(text.contains("object.word(\"kind\", self.kind.as_str())") && text.contains("Self::CloseGate"));
    assert!(!text.contains("pin") && !text.contains("gate\""));
    for (members, more, problem) in [
        (r#""Pin""#, "", "a blob or sensitive"),
        (r#""Gate""#, "", "it is a secret"),
        (r#""Door""#, "", "has no member"),
        (r#""Kind=ONE_WAY""#, "", "takes no such value"),
        (r#""Coins""#, "", "does not list its members"),
        ("", r#", "Coin": ["Value"]"#, "a long integer"),
        ("", r#", "Door": []"#, "not in the model"),
    ] {
        let refused = shown(members, more).unwrap_err();
        assert!(refused.contains(problem), "{members} {more}: {refused}");
    }
    let service = model::parse_text(TOLLBOOTH).unwrap();
    let table =
        r#"{"note": "", "never": [], "readOnly": [], "members": {"CloseGateRequest": [], "OpenGateRequest": []}}"#;
    let refused = audit::emit(&service, &serde_json::from_str(table).unwrap()).unwrap_err().to_string();
    assert!(refused.contains("OpenGateResponse") && refused.contains("not in the audit table"), "{refused}");
}
