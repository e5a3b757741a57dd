"""The dictionary of format version 1. Frozen: a changed byte makes every code unreadable.

Deflate reaches back into it as if it had been written just before the data (RFC 1950 2.2, FDICT).
What is likeliest stands last. `docs/qr-presentation.md` prints it, and its SHA-256.
"""

from typing import Final

_NEXT: Final = '"]\x1f["\x01","'
"""From the end of one disclosure to the name, or the element, of the next."""

# Parts of X.509 certificates for P-256 keys: as others write them, then as our authorities do.
_CERTIFICATES: Final = bytes.fromhex("""
    300a06082a8648ce3d04030330680030650231002a8648ce3d020106052b8104002203620004300a06082a8648ce
    3d040303301f0603551d1f041830163014a012a010860e06082b0601050507030106082b06010505070101042730
    25302306082b06010505073001861730120603551d130101ff040830060101ff02010006035504080c0603550407
    0c060355040b0c06035504030c30130603551d25040c300a06082b0601050507030230200603551d200419301730
    308202c53082026ba0030201020214308202ab30820251a0030201020214300a06082a8648ce3d0403023078310b
    3009060355040613024649312b3029060355040a0c22300a06082a8648ce3d040302307d310b3009060355040613
    024649312f302d060355040a0c2620285445535449293118301606035504610c0f4e545246492d30303030303232
    2d303123302106035504030c1a4e545246492d303030303032322d302069737375696e672d6361301e170d323730
    3131343030303030305a170d3239303131333030303030305a3074310b3009060355040613024649312a30280603
    55040a0c21307d310b3009060355040613024649312f302d060355040a0c26202854455354492931183016060355
    04610c0f4e545246492d303030303036352d30311f301d06035504030c16206163636573732063726564656e7469
    616c3059301306072a8648ce3d020106082a8648ce3d03010703420004a381d63081d3300c0603551d130101ff04
    023000300e0603551d0f0101ff04040302078030200603551d2504193017061569a3c886b3bfe982a3f78385c2e7
    bbbede923b0103302d0603551d1104263024862268747470733a2f2fa381ae3081ab300c0603551d130101ff0402
    3000300e0603551d0f0101ff04040302078030200603551d2504193017061569a3c886b3bfe982a3f78385c2e7bb
    bede923b010130290603551d1104223020861e68747470733a2f2f2e6578616d706c652f301d0603551d0e041604
    14301f0603551d2304183016801430220603551d20041b30193017061569a3c886b3bfe982a3f78385c2e7bbbede
    923b010201300a06082a8648ce3d0403020348003045022100300a06082a8648ce3d040302034700304402200220
""")

# SD-JWT VCs of others.
_FOREIGN: Final = (
    '{"alg":"ES256","typ":"vc+sd-jwt","kid":"',
    '","jti":"urn:uuid:',
    '","sub":"',
    '"nbf":1',
    '"aud":["',
    '"aud":"https://',
    '{"alg":"ES256","typ":"dc+sd-jwt","x5c":["\x0b"]}',
    '{"alg":"ES256","kid":"',
    '"use":"sig","alg":"ES256"',
    '{"crv":"P-256","kty":"EC","x":"\x02","y":"\x0f"}',
    '{"kty":"EC","x":"\x02","y":"\x0e","crv":"P-256"}',
    '"nationalities""place_of_birth""address""street_address""locality""postal_code""country"',
    '"age_equal_or_over""18""given_name""email""phone_number"',
    '", "": "": truefalsenull"@context"vct#integrity":"sha256-',
    '"status": {"status_list": {"idx": ',
    '"cnf": {"jwk": {"kty": "EC", "crv": "P-256", "x": "\x02", "y": "\x02"}}',
    '"_sd_alg": "sha-256""_sd": ["\x02", "\x02", "\x02"',
    '{"...": "\x02"}, {"...": "\x02"}',
)

# Who issues, and what.
_NAMES: Final = (
    "Mallimaan eläkelaitos (TESTI)",
    "Mallimaan itsearviointipalvelu (TESTI)",
    "Kela (TESTI)",
    "Mallimaan hyvinvointialue (TESTI)",
    "Mallimaan ammattiopisto (TESTI)",
    "Mallimaan palvelutarjotin (TESTI)",
    "Mallimaan henkilötietopalvelu (TESTI)",
    "Mallimaan työllisyysalue (TESTI)",
)
_ORGANISATIONS: Final = """
    elake itsearviointi kela mallimaa oppilaitos palvelutarjotin pid-demo tyollisyysalue
"""
_TYPES: Final = """
    authority-decision consent-receipt medical-statement-key-data qualification
    self-assessment-result service-plan statement-feedback wellbeing-referral
    wellbeing-survey-result work-ability-referral
"""

# Codes, and claims by the shape of their values.
_CODES: Final = """
    self_online self_paper interview with_professional vocational_rehabilitation
    rehabilitation_allowance rehabilitation_support partial_rehabilitation_support
    disability_pension partial_disability_pension sickness_allowance wage_subsidy
    workplace_adjustment_support rehabilitative_work partial_work_ability_certificate other
    full partial granted partly_granted rejected terminated none some significant not_assessed
    final appealable appealed doctor nurse public_health_nurse occupational_health_doctor
    health_check health_centre employment_services occupational_health under_assessment
    temporary long_term permanent higher_is_better higher_is_worse mental_wellbeing
    physical_wellbeing vocational_skills learning_ability own_community inclusion mind
    everyday_life skills body unemployed_health_check b_statement a_certificate
    work_ability_assessment poor moderate good excellent general young_31 simple complex_irt
    good_or_excellent able able_with_adjustments partially_able temporarily_unable unable
    needs_assessment get_work keep_work advance medical_rehabilitation work_trial job_coaching
    multisector_support work_ability_network continued_care training wellbeing_referral
    skills_and_career social_services rehabilitation digital_support heavy_lifting
    prolonged_standing prolonged_sitting repetitive_hand_work long_walking night_work
    shift_work high_time_pressure heights driving noise dust_or_chemicals working_alone
    ergonomic_aids modified_tasks reduced_hours flexible_hours gradual_start quiet_workspace
    remote_work assistive_technology personal_support
"""
_LATER_CLAIMS: Final = """
    plan_type plan_date next_review_date goals actions responsible_organisation named_worker
    participating_organisations client_approved client_proposals referral_type referral_date
    referral_reasons referring_organisation referring_worker referring_contact
    receiving_organisation occupation work_tasks client_wishes unemployment_months
    self_assessment_summary questions_to_health_care feedback_requested feedback_due_date
    interpreter_language intervention_code referring_unit themes agreed_goals receiving_party
    link_person contact_preference phone_number follow_up_date survey_name survey_date
    wellbeing_needs statement_type statement_purposes work_demands diagnoses
    functioning_description treatment_plan strengths_and_motivation
    vocational_rehabilitation_recommended rehabilitation_goal earning_work_option
    work_incapacity_start work_incapacity_end remote_appointment identity_verified_by
    qualification_title qualification_level awarding_institution completion_date field_of_study
    licence_code licence_valid_until receipt_id verifier_id verifier_name request_profile
    purpose legal_basis approval_kind disclosed_claims presented_at on_behalf_of retention_until
    withdrawal_uri receipt_status withdrawn_at
"""
_SCALAR_CLAIMS: Final = """
    work_ability_score work_ability_score_change wai_score whodas_score domain_scores
    domain_scale max_weekly_hours monthly_amount_eur health_work_link
"""
_LIST_CLAIMS: Final = """
    strengths development_areas support_needs own_goals work_challenges employment_impact_scope
    task_restrictions suitable_tasks workplace_adjustments recommended_services
"""
_TEXT_CLAIMS: Final = """
    personal_administrative_number issuing_unit date_of_issuance date_of_expiry
    benefit_or_service decision_outcome decision_date decision_reference valid_from valid_until
    degree service_content service_provider finality appeal_deadline grounds
    assessment_instrument assessment_instrument_version assessment_date assessment_setting
    work_ability_category wai_category wai_category_scheme whodas_method recommended_next_step
    work_description previous_assessment_date statement_basis examination_date
    work_ability_conclusion employment_impact restriction_duration restriction_valid_until
    rehabilitation_need reassessment_date contact_unit professional_role professional_name
"""

# The frame of a presentation in its order, and the clear claims of our credentials.
_SHAPES: Final = (
    '"domain_scores",{"_sd":["\x05","\x02",',
    '"min",0]\x1f["\x01","max",100]\x1f["\x01","direction","higher_is_better"]\x1f',
    '["\x01","domain_scale",{"_sd":["\x05","\x05","\x05"]}]\x1f["\x01","',
    "health_professional",
    "self_reported",
    '{"typ":"kyky-challenge+jwt","x5t#S256":"\x07","alg":"ES256"}\x1f',
    '{"client_id":"x509_hash:\x07","profile":"te_benefit_coordination',
    '","profile":"te_initial_interview","profile":"te_service_need',
    '","nonce":"\x01","jwk":{"kty":"OKP","crv":"X25519","x":"\x02"},"held":"\x04","iat":1',
    'urn:kykylompakko:qr:self-initiated:1","nonce":"\x01',
    '["\x01","family_name","',
    f'{_NEXT}given_name","',
    f'{_NEXT}birthdate","19',
    '"]\x1f{"typ":"dc+sd-jwt","x5c":["\x0b"],"alg":"ES256"}\x1f{"iss":"https://',
    '"]\x1f{"typ":"dc+sd-jwt","x5c":["\x08"],"alg":"ES256"}\x1f{"iss":"https://',
    '","vct":"urn:kykylompakko:self-assessment-result:1","iat":1',
    '","vct":"urn:kykylompakko:statement-feedback:1","iat":1',
    '","vct":"urn:kykylompakko:authority-decision:1","iat":1',
    '00,"exp":1',
    '00,"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"\x02","y":"\x0e"}},',
    '"status":{"status_list":{"idx":',
    ',"uri":"https://',
    '/status-lists/1"}},"issuing_authority":"',
    '","issuing_country":"FI","information_source":"',
    '","_sd":["',
    '\x02","' * 8,
    '\x05","' * 8,
    '\x02","\x05","\x02","\x02","\x05","\x05","\x02"],"_sd_alg":"sha-256"}\x1f\x03\x1f',
    '{"typ":"kb+jwt","alg":"ES256"}\x1f{"iat":1',
    ',"aud":"\x07","nonce":"\x07","sd_hash":"\x06"}\x1f\x03',
)


def _text() -> str:
    scalar = '",'
    text = '","'
    elements = '",[{"...":"\x05"},{"...":"\x05"}]]\x1f["\x01","'
    return "".join(
        (
            *_FOREIGN,
            *_NAMES,
            *(f"/{name}" for name in _ORGANISATIONS.split()),
            *(f"urn:kykylompakko:{name}:1" for name in _TYPES.split()),
            *(_NEXT + name + text for name in _LATER_CLAIMS.split()),
            *_CODES.split(),
            *(_NEXT + name + scalar for name in _SCALAR_CLAIMS.split()),
            *(_NEXT + name + elements for name in _LIST_CLAIMS.split()),
            *(_NEXT + name + text for name in _TEXT_CLAIMS.split()),
            *_SHAPES,
        )
    )


DICTIONARY: Final = _CERTIFICATES + _text().encode()
"""To be given to raw deflate before the data, whole."""
