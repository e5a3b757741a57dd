"""The referral: the client carries it to the health centre, and what comes of it back again.

The employment office issues a referral after the client's self-assessment. The health centre reads
it from the wallet and marks it as used. It issues feedback, and the employment office reads that,
and nothing of why. At the end the client has a receipt of who saw what.
"""

import time

import httpx2

from demo.chapters import FEEDBACK, REFERRAL
from demo.people import IssuingSystem, heading
from demo.stage import REJECTED, STATUS_TTL_SECONDS, Stage
from demo.telling import must

_NEWEST = 4
"""How much of the client's log is quoted: its heading and what happened last."""


def tell_referral(stage: Stage) -> None:
    """Tell the chapter."""
    stage.teller.heading("3. A referral, carried by the client, and the answer to it")
    with stage.teller.step("tyollisyysalue issues work_ability_referral"):
        stage.issue(REFERRAL)
    with stage.teller.step(f"{REFERRAL.profile}: the health centre reads it from the wallet"):
        verification, page = stage.accepted(REFERRAL, stage.nurse)
        stage.nurse.save(page, "4-accept-hc_receive_referral")
    with stage.teller.step("the health centre marks it as used, by its status reference alone"):
        taken = stage.nurse.copy(page, verification)
        hospital = IssuingSystem(stage.services, "mallimaa", REFERRAL.type_id)
        (card,) = taken["cards"]
        for _ in range(2):  # a call that is repeated does no harm
            answer = hospital.take_in(card["status_list"])
            must(answer.status_code == httpx2.codes.OK, f"taking it in: {answer.text}")
    with stage.teller.step("a used referral is accepted nowhere again"):
        time.sleep(STATUS_TTL_SECONDS + 0.1)  # the desk's copy of the list has run out
        page = stage.ask_and_answer(
            REFERRAL.profile, "used-referral", "--approve", desk=stage.nurse
        )
        must(heading(page) == REJECTED, f"of a used referral the desk said: {heading(page)}")
    with stage.teller.step("mallimaa answers with statement_feedback"):
        stage.issue(FEEDBACK)
    with stage.teller.step(f"{FEEDBACK.profile}: the employment office reads the feedback only"):
        verification, page = stage.accepted(FEEDBACK, stage.official)
        stage.official.save(page, f"5-accept-{FEEDBACK.profile}")
    with stage.teller.step("the client gets a receipt: who saw what, why, and how long it is kept"):
        stage.receipt(verification, page, stage.official)
    _never_clinical(stage)
    newest = "\n\n".join(stage.client.says("log").split("\n\n")[:_NEWEST])
    stage.teller.quote(newest)


def _never_clinical(stage: Stage) -> None:
    with stage.teller.step("the employment office cannot ask for what is clinical"):
        for wanted in ("hc_continuity_of_care", "hc_unemployed_health_check"):
            answer = stage.desk_api.post("/api/v1/verifications", json={"profile": wanted})
            must(answer.is_client_error, f"{wanted} was started: {answer.text}")
