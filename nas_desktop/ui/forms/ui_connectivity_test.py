"""Compiled from ui/connectivity_test.ui; do not edit. Run make forms."""

from PySide6.QtCore import (QCoreApplication, QDate, QDateTime, QLocale,
    QMetaObject, QObject, QPoint, QRect,
    QSize, QTime, QUrl, Qt)
from PySide6.QtGui import (QBrush, QColor, QConicalGradient, QCursor,
    QFont, QFontDatabase, QGradient, QIcon,
    QImage, QKeySequence, QLinearGradient, QPainter,
    QPalette, QPixmap, QRadialGradient, QTransform)
from PySide6.QtWidgets import (QApplication, QDialog, QFrame, QGridLayout,
    QHBoxLayout, QLabel, QPushButton, QSizePolicy,
    QSpacerItem, QVBoxLayout, QWidget)

class Ui_ConnectivityTest(object):
    def setupUi(self, ConnectivityTest):
        if not ConnectivityTest.objectName():
            ConnectivityTest.setObjectName(u"ConnectivityTest")
        self.outer = QVBoxLayout(ConnectivityTest)
        self.outer.setSpacing(12)
        self.outer.setObjectName(u"outer")
        self.outer.setContentsMargins(20, 18, 20, 16)
        self.lead = QLabel(ConnectivityTest)
        self.lead.setObjectName(u"lead")
        self.lead.setWordWrap(True)

        self.outer.addWidget(self.lead)

        self.legsBox = QFrame(ConnectivityTest)
        self.legsBox.setObjectName(u"legsBox")
        self.legs = QGridLayout(self.legsBox)
        self.legs.setObjectName(u"legs")
        self.legs.setHorizontalSpacing(24)
        self.legs.setVerticalSpacing(8)

        self.outer.addWidget(self.legsBox)

        self.summary = QLabel(ConnectivityTest)
        self.summary.setObjectName(u"summary")
        self.summary.setWordWrap(True)

        self.outer.addWidget(self.summary)

        self.row = QHBoxLayout()
        self.row.setObjectName(u"row")
        self.space = QSpacerItem(0, 0, QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

        self.row.addItem(self.space)

        self.run = QPushButton(ConnectivityTest)
        self.run.setObjectName(u"run")
        self.run.setProperty(u"due", True)

        self.row.addWidget(self.run)

        self.cancel = QPushButton(ConnectivityTest)
        self.cancel.setObjectName(u"cancel")

        self.row.addWidget(self.cancel)

        self.leave = QPushButton(ConnectivityTest)
        self.leave.setObjectName(u"leave")

        self.row.addWidget(self.leave)


        self.outer.addLayout(self.row)


        self.retranslateUi(ConnectivityTest)

        QMetaObject.connectSlotsByName(ConnectivityTest)
    # setupUi

    def retranslateUi(self, ConnectivityTest):
        ConnectivityTest.setWindowTitle(QCoreApplication.translate("ConnectivityTest", u"Connectivity test", None))
        self.lead.setText(QCoreApplication.translate("ConnectivityTest", u"Sends the test mark QQ111QQQ as far as the chain goes and times every leg. It matches no list and rings nowhere.", None))
        self.lead.setProperty(u"role", QCoreApplication.translate("ConnectivityTest", u"second", None))
        self.legsBox.setProperty(u"role", QCoreApplication.translate("ConnectivityTest", u"box", None))
        self.summary.setText("")
        self.summary.setProperty(u"role", QCoreApplication.translate("ConnectivityTest", u"strong", None))
        self.run.setText(QCoreApplication.translate("ConnectivityTest", u"Run the test", None))
        self.cancel.setText(QCoreApplication.translate("ConnectivityTest", u"Cancel", None))
        self.leave.setText(QCoreApplication.translate("ConnectivityTest", u"Close", None))
    # retranslateUi

