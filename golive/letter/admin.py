from django.contrib import admin

from golive.letter.models import Tester
from golive.letter.tester_admin import TesterAdmin

admin.site.register(Tester, TesterAdmin)
