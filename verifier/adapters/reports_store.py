"""What wallets reported of receivers, in SQL: counted by day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from service_kit.sql import Database
from verifier.adapters import tables
from verifier.adapters.client_side_store import use_once
from verifier.model import Once
from verifier.usecases.client_side_model import Reason, Report

_R = tables.reports


class SqlReports:
    """`client_side_model.Reports` over `service_kit.sql`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, report: Report, *, once: Once, most: int) -> bool:
        """Count a report unless it was counted before; False when the day has too many kinds."""
        same = (
            (_R.c.day == report.day.isoformat())
            & (_R.c.reason == report.reason.value)
            & (_R.c.profile == report.profile)
            & (_R.c.asked == " ".join(report.asked))
            & (_R.c.about_us.is_(report.is_about_us))
        )
        row = {
            "day": report.day.isoformat(),
            "reason": report.reason.value,
            "profile": report.profile,
            "asked": " ".join(report.asked),
            "about_us": report.is_about_us,
            "number": 1,
        }
        today = select(func.count()).select_from(_R).where(_R.c.day == row["day"])

        def work(sql: Connection) -> bool:
            use_once(sql, once)
            if sql.execute(update(_R).where(same).values(number=_R.c.number + 1)).rowcount == 1:
                return True
            if sql.execute(today).scalar_one() >= most:
                return False
            sql.execute(insert(_R).values(row)).close()
            return True

        try:
            return await self._database.write(work)
        except IntegrityError:
            return True  # it was counted before

    async def all(self) -> Sequence[Report]:
        """Return them, newest day first."""
        query = select(_R).order_by(_R.c.day.desc(), _R.c.number.desc())
        return await self._database.read(
            lambda sql: [_report(row) for row in sql.execute(query).mappings()]
        )

    async def forget(self, before: date) -> int:
        """Delete those of days before that; return how many."""
        query = delete(_R).where(_R.c.day < before.isoformat())
        return await self._database.write(lambda sql: sql.execute(query).rowcount)


def _report(row: RowMapping) -> Report:
    return Report(
        day=date.fromisoformat(row["day"]),
        reason=Reason(row["reason"]),
        profile=row["profile"],
        asked=tuple(row["asked"].split()),
        is_about_us=row["about_us"],
        number=row["number"],
    )
