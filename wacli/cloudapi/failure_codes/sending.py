"""Codes that answer a send or arrive later in a failed status (facts: cloud-api.md section 6)."""

from __future__ import annotations

from wacli.domain.text import t

from .advice import Advice, FailureClass, Scope

_RETRY, _ONCE, _LATER, _FIX = (
    FailureClass.RETRY,
    FailureClass.RETRY_ONCE,
    FailureClass.LATER,
    FailureClass.FIX,
)
_RUN, _CONTACT, _MESSAGE = Scope.RUN, Scope.CONTACT, Scope.MESSAGE

_UNKNOWN = Advice(
    _ONCE,
    _MESSAGE,
    t("The message could not be sent, and Meta does not know why"),
    t("A fault on Meta's side, or something unusual in the message"),
    t("Try once more; if it fails again, change the message"),
)
_MEDIA = t("Check that the file opens, that its kind and size are allowed, or send it from another link")

SENDING: dict[int, Advice] = {
    130429: Advice(
        _RETRY,
        _RUN,
        t("Messages are going out faster than the number may send"),
        t("A number sends 80 messages a second, 20 when it is shared with the WhatsApp Business app"),
        t("wacli slows down and tries again by itself"),
    ),
    131048: Advice(
        _LATER,
        _RUN,
        t("WhatsApp has slowed this number down because of complaints"),
        t("Too many people blocked or reported its messages"),
        t("Stop the campaign, look at the number's quality with wacli doctor, and write only to people who want it"),
    ),
    131056: Advice(
        _RETRY,
        _CONTACT,
        t("Too many messages to this one contact in a short time"),
        t("WhatsApp allows one message in 6 seconds to the same person, with short bursts"),
        t("wacli waits and tries again for this contact; the others are not affected"),
    ),
    130472: Advice(
        _FIX,
        _CONTACT,
        t("The message was not delivered because the contact is part of a Meta experiment"),
        t("Meta withholds marketing messages from a small group to measure their effect"),
        t("Do not send it again; you are not charged for it, and utility messages still arrive"),
    ),
    131000: _UNKNOWN,
    135000: _UNKNOWN,
    131008: Advice(
        _FIX,
        _MESSAGE,
        t("Something that the message needs is missing"),
        t("A required field was not given"),
        t("Look at Meta's details with --debug and add what is missing"),
    ),
    131009: Advice(
        _FIX,
        _MESSAGE,
        t("A value in the message is not valid"),
        t("A field holds something WhatsApp does not accept here; reactions to messages over 30 days old fail so too"),
        t("Look at Meta's details with --debug and correct the value"),
    ),
    131021: Advice(
        _FIX,
        _MESSAGE,
        t("The message is addressed to the number that sends it"),
        t("Sender and contact are the same number"),
        t("Choose another contact"),
    ),
    131026: Advice(
        _FIX,
        _CONTACT,
        t("The message could not be delivered to this number"),
        t("It is not on WhatsApp, has not accepted the newest terms, uses an old app, or has blocked you"),
        t("Ask the contact in another way to update WhatsApp and write to you; do not repeat it"),
    ),
    131030: Advice(
        _FIX,
        _CONTACT,
        t("The test number may not write to this contact"),
        t("A test number reaches only the few numbers that were registered for it"),
        t("Add the number to the test number's list in the Meta dashboard, or send from your own number"),
    ),
    131035: Advice(
        _FIX,
        _MESSAGE,
        t("The content of this notification is no longer available"),
        t("The number is set to keep nothing at Meta, and the time to fetch it has passed"),
        t("Nothing can be done; ask the contact to send it again"),
    ),
    131047: Advice(
        _FIX,
        _CONTACT,
        t("The customer service window of this contact is closed"),
        t("More than 24 hours have passed since the contact last wrote or called"),
        t("Send an approved template instead: wacli send TEMPLATE WHO"),
    ),
    131049: Advice(
        _LATER,
        _CONTACT,
        t("Meta chose not to deliver this marketing message"),
        t("It limits how many marketing messages a person gets, and delivers none to numbers of the United States"),
        t("Wait at least 24 hours before another marketing template to this contact; repeating it now fails again"),
    ),
    131050: Advice(
        _FIX,
        _CONTACT,
        t("The contact has stopped marketing messages from you"),
        t("They chose to stop them in WhatsApp"),
        t("Record it: wacli contacts opt-out WHO; utility templates and answers are still possible"),
    ),
    131051: Advice(
        _FIX,
        _MESSAGE,
        t("WhatsApp does not support this kind of message here"),
        t("The kind is unknown, or not available to businesses"),
        t("Send it as a text, a picture or a document"),
    ),
    131052: Advice(
        _FIX,
        _MESSAGE,
        t("WhatsApp could not fetch the file"),
        t("The file that was sent, or the link given for it, could not be downloaded"),
        _MEDIA,
    ),
    131053: Advice(
        _FIX,
        _MESSAGE,
        t("WhatsApp could not take the file"),
        t("Its kind, its size or its content is not allowed, or the link did not answer"),
        _MEDIA,
    ),
    131062: Advice(
        _FIX,
        _CONTACT,
        t("This message needs a phone number"),
        t("One-time passwords are not delivered to contacts known only by their WhatsApp user id"),
        t("Ask for the number, then: wacli contacts edit WHO --phone +62..."),
    ),
    137000: Advice(
        _FIX,
        _CONTACT,
        t("The contact's identity has changed"),
        t("The number may belong to somebody else now, or WhatsApp was installed anew"),
        t("Make sure whom you are writing to before you send anything private"),
    ),
    134100: Advice(
        _FIX,
        _MESSAGE,
        t("Only marketing templates can be sent this way"),
        t("The marketing messages API refuses every other kind"),
        t("Send it as an ordinary template: wacli send TEMPLATE WHO"),
    ),
    134101: Advice(
        _RETRY,
        _MESSAGE,
        t("The template is not ready for marketing messages yet"),
        t("Meta is still copying it; that takes up to 10 minutes"),
        t("Try again in 10 minutes"),
    ),
    134102: Advice(
        _FIX,
        _MESSAGE,
        t("The template cannot be used for marketing messages"),
        t("Meta's marketing messages API does not accept it"),
        t("Choose another template, or send it the ordinary way: wacli send TEMPLATE WHO"),
    ),
    134103: Advice(
        _FIX,
        _MESSAGE,
        t("This number or account may not use the marketing messages API"),
        t("Meta refuses this request of the marketing messages API"),
        t("Send it the ordinary way: wacli send TEMPLATE WHO"),
    ),
}
