//! Closed sets of names. Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

use crate::string_enum::string_enum;

string_enum! {
    /// The values of `EventCategory`.
    EventCategory {
        Insight = "insight",
    }
}

string_enum! {
    /// The values of `LookupAttributeKey`.
    LookupAttributeKey {
        EventId = "EventId",
        EventName = "EventName",
        ReadOnly = "ReadOnly",
        Username = "Username",
        ResourceType = "ResourceType",
        ResourceName = "ResourceName",
        EventSource = "EventSource",
        AccessKeyId = "AccessKeyId",
    }
}
