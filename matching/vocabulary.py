"""The one vocabulary: every stage, status and code is an enum member here, never a string elsewhere."""

from enum import StrEnum


class Stage(StrEnum):
    """How far a startup is; ordinal, earliest first."""

    IDEA = "idea"
    PRE_SEED = "pre-seed"
    SEED = "seed"
    PRE_SERIES_A = "pre-series-a"
    SERIES_A = "series-a"
    SERIES_B = "series-b"
    SERIES_C = "series-c"
    SERIES_D_PLUS = "series-d-plus"
    GROWTH = "growth"


class Sector(StrEnum):
    """First-level sector groups; labels and aliases stand in data/taxonomy/sectors.csv."""

    AGRITECH = "agritech"
    AI = "ai"
    BIOTECH = "biotech"
    CLEANTECH = "cleantech"
    CYBERSECURITY = "cybersecurity"
    DEEPTECH = "deeptech"
    ECOMMERCE = "ecommerce"
    EDTECH = "edtech"
    FINTECH = "fintech"
    FOODTECH = "foodtech"
    GAMING = "gaming"
    HEALTHTECH = "healthtech"
    HRTECH = "hrtech"
    LOGISTICS = "logistics"
    MARTECH = "martech"
    MEDIA = "media"
    MOBILITY = "mobility"
    PROPTECH = "proptech"
    RETAIL = "retail"
    SAAS = "saas"
    SERVICES = "services"
    SOCIAL = "social"
    TELECOM = "telecom"
    TRAVEL = "travel"
    WEB3 = "web3"


class BusinessModel(StrEnum):
    """Whom a startup sells to."""

    B2B = "b2b"
    B2C = "b2c"
    B2B2C = "b2b2c"
    B2G = "b2g"
    D2C = "d2c"
    C2C = "c2c"
    MARKETPLACE = "marketplace"


class Instrument(StrEnum):
    """The contract an investment is made by."""

    EQUITY = "equity"
    CONVERTIBLE_NOTE = "convertible-note"
    SAFE = "safe"
    DEBT = "debt"
    MEZZANINE = "mezzanine"
    REVENUE_BASED = "revenue-based"
    GRANT = "grant"


class FundType(StrEnum):
    """What kind of investor a fund is."""

    VC = "vc"
    CVC = "cvc"
    ANGEL_NETWORK = "angel-network"
    ACCELERATOR = "accelerator"
    IMPACT = "impact"
    PRIVATE_EQUITY = "private-equity"
    GOVERNMENT = "government"


class FundStatus(StrEnum):
    """Whether a fund makes new investments."""

    RAISING = "raising"
    DEPLOYING = "deploying"
    RESERVED = "reserved-for-follow-ons"
    FULLY_DEPLOYED = "fully-deployed"
    INACTIVE = "inactive"


CLOSED_STATUSES = frozenset({FundStatus.RESERVED, FundStatus.FULLY_DEPLOYED, FundStatus.INACTIVE})


class Gate(StrEnum):
    """A hard rule that can keep a fund off a startup's list; the order fixes its bit."""

    STARTUP_OPTED_OUT = "startup_opted_out"
    EXCLUDED_BY_STARTUP = "excluded_by_startup"
    FUND_NOT_DEPLOYING = "fund_not_deploying"
    COUNTRY = "country"
    STAGE = "stage"
    EXCLUDED_SECTOR = "excluded_sector"
    TICKET = "ticket"
    ALREADY_INVESTED = "already_invested"
    COMPETITOR = "competitor"
    ALREADY_INTRODUCED = "already_introduced"
    COOLING_DOWN = "cooling_down"
    AT_CAPACITY = "at_capacity"


OVERRIDABLE = frozenset(Gate) - {Gate.STARTUP_OPTED_OUT, Gate.EXCLUDED_BY_STARTUP}
"""Gates that a person may lift for one pair, with a reason; what the startup decided stays."""


CAPACITY = frozenset({Gate.AT_CAPACITY})
"""Gates of a fund's monthly cap: off where a whole cohort is ranked, unless asked for."""


NEGOTIABLE = OVERRIDABLE - {Gate.ALREADY_INVESTED, Gate.ALREADY_INTRODUCED, Gate.COMPETITOR}
"""Gates worth a question when one of them alone keeps a good fund out; not one that hints at a rival."""


class Feature(StrEnum):
    """The code of a reason; those of PLAIN_FEATURES are also columns of the feature matrix."""

    THESIS = "thesis"
    PORTFOLIO = "portfolio"
    SECTOR = "sector"
    STAGE = "stage"
    COUNTRY = "country"
    TICKET = "ticket"
    ACTIVITY = "activity"
    POPULARITY = "popularity"
    ANSWERS = "answers"


PLAIN_FEATURES = tuple(feature for feature in Feature if feature is not Feature.ANSWERS)
"""The columns of the feature matrix, in their order: what profiles, theses and deals say."""


class Risk(StrEnum):
    """What a program manager should check before an introduction."""

    NO_DEAL_KNOWN = "no_deal_known"
    DORMANT = "dormant"
    THIN_EVIDENCE = "thin_evidence"
    NEW_COUNTRY = "new_country"
    NEW_SECTOR = "new_sector"
    PROFILE_SILENT = "profile_silent"
    FUND_SILENT = "fund_silent"


class Band(StrEnum):
    """How strong the evidence for a suggestion is; not a probability."""

    STRONG = "strong"
    MEDIUM = "medium"
    LOW = "low"


class Outcome(StrEnum):
    """The event a chance is about."""

    ACCEPTS = "accepts"
    INVESTS = "invests"


class Rung(StrEnum):
    """Rankers from the plainest to the one that needs most data: the ladder that training climbs.

    `PRIOR`: weights set by hand. `KERNEL`: past companies like the startup. `LOGISTIC`, `BOOSTED`: learned
    from who invested among the candidates.
    """

    PRIOR = "prior"
    KERNEL = "kernel"
    LOGISTIC = "logistic"
    BOOSTED = "boosted"


class Control(StrEnum):
    """What an evaluation holds against its own figures."""

    SCRAMBLED = "scrambled"
    MASKED = "masked"
    NO_STAGE = "no_stage"


class Label(StrEnum):
    """What is known of an outcome of a pair on some date; the order fixes the code in arrays."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNINFORMATIVE = "uninformative"
    SILENT = "silent"
    CENSORED = "censored"
    UNLABELLED = "unlabelled"


class Kind(StrEnum):
    """Where an example comes from; the order fixes the code in arrays."""

    INTRODUCTION = "introduction"
    DEAL = "deal"


class Dropped(StrEnum):
    """Why a pair with a known outcome gives no example.

    `FUND_UNKNOWN`: its Market does not know the fund yet. `STARTUP_UNKNOWN`: there was no profile on the day.
    `OUTSIDE_POOL`: the fund is no candidate. `REPEATED`: the pair counts with its earlier event.
    """

    FUND_UNKNOWN = "fund_unknown"
    STARTUP_UNKNOWN = "startup_unknown"
    OUTSIDE_POOL = "outside_pool"
    REPEATED = "repeated"


class Prompt(StrEnum):
    """The role of a text towards the encoder (e5 models want it spelled out)."""

    QUERY = "query"
    PASSAGE = "passage"


class Finding(StrEnum):
    """What an evaluation says of the ranker served, against the best baseline."""

    NO_QUESTION = "no_question"
    NOT_COMPARED = "not_compared"
    TOO_FEW = "too_few"
    BETTER = "better"
    WORSE = "worse"
    ALIKE = "alike"


class ReleaseStatus(StrEnum):
    """Where a release stands: never used, the one that ranks, or one that ranked before."""

    CANDIDATE = "candidate"
    CHAMPION = "champion"
    RETIRED = "retired"


class ReleaseEvent(StrEnum):
    """What happened to a release: it became champion, gave way to another, or was taken back."""

    PROMOTED = "promoted"
    RETIRED = "retired"
    ROLLED_BACK = "rolled_back"


class Language(StrEnum):
    """Languages of texts and pages, Vietnamese first."""

    VI = "vi"
    EN = "en"


class IntroductionStatus(StrEnum):
    """What happened to an introduction, in the order of the funnel; the last event tells where it stands.

    An event implies the steps before it: who invested was met, whether or not anybody wrote it down.
    """

    SUGGESTED = "suggested"
    SHORTLISTED = "shortlisted"
    FOUNDER_ASKED = "founder_asked"
    FOUNDER_OK = "founder_ok"
    FOUNDER_DECLINED = "founder_declined"
    INVESTOR_ASKED = "investor_asked"
    INVESTOR_OK = "investor_ok"
    INVESTOR_DECLINED = "investor_declined"
    EXPIRED_NO_REPLY = "expired_no_reply"
    INTRODUCED = "introduced"
    MEETING_SET = "meeting_set"
    MET = "met"
    NO_SHOW = "no_show"
    DUE_DILIGENCE = "due_diligence"
    TERM_SHEET = "term_sheet"
    INVESTED = "invested"
    PASSED = "passed"
    WITHDRAWN = "withdrawn"
    ON_HOLD = "on_hold"


class PassGroup(StrEnum):
    """What a pass tells: not for us, not good enough, or not now (to be asked again later)."""

    FIT = "fit"
    QUALITY = "quality"
    CAPACITY = "capacity"


class PassReason(StrEnum):
    """Why an investor passed; the first of each group where only the group is told."""

    FIT = "fit"
    THESIS = "thesis"
    STAGE = "stage"
    GEOGRAPHY = "geography"
    TICKET = "ticket"
    CONFLICT = "conflict"
    QUALITY = "quality"
    TRACTION = "traction"
    TEAM = "team"
    MARKET = "market"
    PRODUCT = "product"
    TERMS = "terms"
    CAPACITY = "capacity"
    TIMING = "timing"
    NO_DRY_POWDER = "no_dry_powder"
    BANDWIDTH = "bandwidth"

    @property
    def group(self) -> PassGroup:
        """The group this reason belongs to."""
        return _GROUP_OF[self]


_GROUP_OF = {
    **dict.fromkeys(list(PassReason)[:6], PassGroup.FIT),
    **dict.fromkeys(list(PassReason)[6:12], PassGroup.QUALITY),
    **dict.fromkeys(list(PassReason)[12:], PassGroup.CAPACITY),
}
