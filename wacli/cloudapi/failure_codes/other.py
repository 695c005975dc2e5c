"""Codes of calls, flows, blocking, groups, usernames and history (facts: cloud-api.md section 6; single codes: [P]).

wacli sends nothing to most of these doors; the codes reach it in webhooks and from accounts shared with other tools.
"""

from __future__ import annotations

from wacli.domain.text import Text, t

from .advice import Advice, FailureClass, Scope

_RETRY, _LATER, _FIX = FailureClass.RETRY, FailureClass.LATER, FailureClass.FIX
_MESSAGE, _CONTACT, _RUN = Scope.MESSAGE, Scope.CONTACT, Scope.RUN

_SEE_DETAILS = t("Look at Meta's details with --debug")


def _fix(happened: Text, why: Text, following: Text = _SEE_DETAILS) -> Advice:
    return Advice(_FIX, _MESSAGE, happened, why, following)


_CALL_SETTINGS = t("Look at the call settings of the number in WhatsApp Manager")
_CALL_LATER = t("Wait before you call or ask again")
_CALL = _fix(t("The call could not be made"), t("Meta refused a request about calling"))

CALLS: dict[int, Advice] = {
    138000: _fix(t("Calling is not switched on for the business number"), t("It is off by default"), _CALL_SETTINGS),
    138001: _fix(
        t("The contact cannot be called"),
        t("The number is not on WhatsApp, uses an old app, or has not accepted the newest terms"),
        t("Write to the contact instead"),
    ),
    138002: Advice(_RETRY, _RUN, t("Too many calls at once"), t("A number may hold 1,000 calls"), _CALL_LATER),
    138003: Advice(
        _LATER, _CONTACT, t("A call with this contact is under way already"), t("Only one is possible"), _CALL_LATER
    ),
    138004: _fix(t("The call could not be connected"), t("Meta could not use what was given to connect it")),
    138005: Advice(_LATER, _RUN, t("Too many calls were started"), t("Calls from a number are limited"), _CALL_LATER),
    138006: _fix(
        t("The contact has not allowed calls"),
        t("A business may call only after a permission"),
        t("Ask for the permission in a message first"),
    ),
    138007: _fix(t("The call was not connected in time"), t("The answer to connect it came too late")),
    138008: _CALL,
    138009: Advice(
        _LATER,
        _CONTACT,
        t("The contact was asked too often for permission to call"),
        t("Requests are limited for each contact; a call that is answered clears the count"),
        _CALL_LATER,
    ),
    138010: _CALL,
    138011: _CALL,
    138012: Advice(
        _LATER,
        _CONTACT,
        t("The contact was called too often today"),
        t("Calls that a business starts are limited within 24 hours"),
        _CALL_LATER,
    ),
    138013: Advice(
        _LATER, _RUN, t("Call permissions were asked for too often"), t("That request is limited"), _CALL_LATER
    ),
    138014: _CALL,
    138015: _CALL,
    138016: _CALL,
    138017: _CALL,
    138018: _fix(
        t("Calling cannot be switched on yet"),
        t("Something it needs is not set up, such as an app that listens for calls"),
        _CALL_SETTINGS,
    ),
}

_FLOW_NEXT = t("Open the flow in WhatsApp Manager and read what it says")

FLOWS_AND_BLOCKS: dict[int, Advice] = {
    139000: _fix(
        t("Meta does not let this account make or publish flows"),
        t("It sees a problem with the account's integrity"),
        t("Read the notices in WhatsApp Manager"),
    ),
    139001: _fix(t("The flow could not be changed"), t("It is published already, or its file has faults"), _FLOW_NEXT),
    139002: _fix(t("The flow could not be published"), t("Something it needs is missing or faulty"), _FLOW_NEXT),
    139003: _fix(t("The flow could not be retired"), t("It was never published, or is retired already"), _FLOW_NEXT),
    139004: _fix(t("The flow could not be deleted"), t("Published flows cannot be deleted"), _FLOW_NEXT),
    139100: _fix(
        t("Some contacts could not be blocked or unblocked"),
        t("Only people who wrote within the last 24 hours can be blocked"),
    ),
    139101: _fix(
        t("The list of blocked contacts is full"),
        t("It holds 64,000"),
        t("Unblock contacts you no longer need to block"),
    ),
    139102: Advice(
        _RETRY,
        _MESSAGE,
        t("The list of blocked contacts was being changed by somebody else"),
        t("Two changes met"),
        t("Try again"),
    ),
    139103: _fix(
        t("Blocking failed inside WhatsApp"), t("A fault on Meta's side"), t("Try again later; if it stays, report it")
    ),
    139200: _fix(
        t("This account may not use Direct Send"),
        t("Meta has blocked it, or never opened it for this account"),
        t("Send an approved template instead: wacli send TEMPLATE WHO"),
    ),
}

_GROUP = _fix(t("A request about a WhatsApp group failed"), t("Meta refused it"))

GROUPS: dict[int, Advice] = {
    131020: _fix(
        t("The group has nobody to write to"), t("It has one member only"), t("Wait until somebody has joined")
    ),
    131041: _fix(t("The group was not found"), t("It does not exist, or the number is not a member")),
    131059: _fix(
        t("The list could not be read to its end"),
        t("The place where reading stopped has expired"),
        t("Start the list again from its beginning"),
    ),
    131201: _fix(t("The change worked for some members of the group only"), t("Meta refused some of them")),
    131202: _fix(t("The same person is named twice"), t("Each member can be given once"), t("Remove the repetition")),
    131203: _GROUP,
    131204: _fix(t("The group would become too large"), t("A group has a limit of members"), t("Add fewer people")),
    131205: _GROUP,
    131206: _GROUP,
    131207: _fix(t("The group is suspended"), t("Meta sees a breach of its policies")),
    131208: Advice(
        _LATER,
        _RUN,
        t("Too many changes to groups in a short time"),
        t("Group changes are limited for each number"),
        t("Wait, then go on more slowly"),
    ),
    131209: _fix(t("The group's picture is not square"), t("Width and height must be equal"), t("Crop the picture")),
    131210: _fix(
        t("The group's picture is too small"), t("It needs more than 192 pixels each way"), t("Use a larger picture")
    ),
    131211: _fix(t("No further groups can be made"), t("The number has reached its limit of groups")),
    131212: _fix(t("That person is not in the group"), t("They have left, or were never in it")),
    131213: _fix(t("That request to join no longer exists"), t("It was answered or withdrawn")),
    131214: Advice(
        _LATER,
        _RUN,
        t("Groups cannot be made at the moment"),
        t("Too much marketing was sent inside open windows in the last 7 days"),
        t("Wait some days and send less marketing inside open windows"),
    ),
    131215: _fix(t("This number may not use groups"), t("Meta opens groups for certain numbers only")),
}

USERNAMES: dict[int, Advice] = {
    147001: _fix(
        t("The username is not available"), t("It is taken, reserved or not allowed"), t("Choose another one")
    ),
    147002: _fix(
        t("The business may not have a username yet"),
        t("Its limit on new contacts is too low"),
        t("Raise the messaging limit first; wacli doctor shows it"),
    ),
    147003: _fix(
        t("A Facebook Page uses this username"),
        t("The number must be linked with that Page"),
        t("Link them, or choose another username"),
    ),
    147004: _fix(
        t("An Instagram account uses this username"),
        t("The number must be linked with that account"),
        t("Link them, or choose another username"),
    ),
    147005: _fix(
        t("Another of your numbers uses this username"),
        t("A username belongs to one number"),
        t("Move it in WhatsApp Manager"),
    ),
}

HISTORY: dict[int, Advice] = {
    2593107: _fix(
        t("The phone's history was asked for too often"),
        t("Meta limits how often it can be asked for"),
        t("Import the chats by hand: wacli import-chat FILE"),
    ),
    2593108: _fix(
        t("The phone's history was asked for too late"),
        t("It can be fetched only shortly after the number is connected"),
        t("Import the chats by hand: wacli import-chat FILE"),
    ),
    2593109: _fix(
        t("The owner of the phone did not share the history"),
        t("They chose so when the number was connected"),
        t("Import the chats by hand: wacli import-chat FILE"),
    ),
}
